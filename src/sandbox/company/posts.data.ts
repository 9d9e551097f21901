/** The posts of Harbor & Pine Realty and the people of whom a story is told. */

export interface Post {
  readonly department: string;
  readonly office: string;
  readonly title: string;
}

export interface Planted extends Post {
  readonly firstName: string;
  readonly lastName: string;
  readonly startDate?: string;
  readonly lastDay?: string;
  readonly status?: "terminated";
  /** Index on the roster, where the story names a row. */
  readonly place?: number;
}

export const ZONES: Readonly<Record<string, string>> = {
  Oakland: "America/Los_Angeles",
  Portland: "America/Los_Angeles",
  Denver: "America/Denver",
  "East Coast": "America/New_York",
};

/** How many of each post there are beside the planted people: with them 84. */
export const POSTS: readonly (Post & { readonly count: number })[] = [
  { department: "Sales", office: "Oakland", title: "Agent", count: 11 },
  { department: "Sales", office: "East Coast", title: "Sales Manager", count: 1 },
  { department: "Sales", office: "East Coast", title: "Agent", count: 12 },
  { department: "Sales", office: "Portland", title: "Sales Manager", count: 1 },
  { department: "Sales", office: "Portland", title: "Agent", count: 15 },
  { department: "Sales", office: "Denver", title: "Sales Manager", count: 1 },
  { department: "Sales", office: "Denver", title: "Agent", count: 16 },
  { department: "Support", office: "Oakland", title: "Support Manager", count: 1 },
  { department: "Support", office: "Oakland", title: "Support Specialist", count: 2 },
  { department: "Support", office: "Denver", title: "Support Specialist", count: 2 },
  { department: "Operations", office: "Oakland", title: "Operations Coordinator", count: 3 },
  { department: "Marketing", office: "Oakland", title: "Marketing Specialist", count: 2 },
  { department: "Finance", office: "Oakland", title: "Accountant", count: 1 },
  { department: "IT", office: "Oakland", title: "Systems Administrator", count: 1 },
];

const SALES = "Sales";

export const PLANTED: readonly Planted[] = [
  {
    firstName: "Nora",
    lastName: "Whitlock",
    department: "Leadership",
    office: "Oakland",
    title: "Chief Executive Officer",
  },
  {
    firstName: "Samuel",
    lastName: "Adeyemi",
    department: "Leadership",
    office: "Oakland",
    title: "Chief Operating Officer",
  },
  {
    firstName: "Omar",
    lastName: "Hale",
    department: "Operations",
    office: "Oakland",
    title: "Director of Sales Operations",
  },
  { firstName: "Rosa", lastName: "Ellis", department: "IT", office: "Oakland", title: "IT Manager" },
  { firstName: "Jonah", lastName: "Reyes", department: SALES, office: "Oakland", title: "Sales Manager" },
  { firstName: "Elena", lastName: "Sato", department: SALES, office: "Oakland", title: "Senior Agent" },
  // Leaves today with 143 leads.
  {
    firstName: "Maya",
    lastName: "Okafor",
    department: SALES,
    office: "Oakland",
    title: "Senior Agent",
    startDate: "2019-03-11",
    lastDay: "2026-11-20",
    place: 39,
  },
  // Moved from Support to Sales; the apps do not know it yet.
  { firstName: "Liam", lastName: "Castillo", department: SALES, office: "East Coast", title: "Agent", place: 15 },
  // Starts on Monday and has no account anywhere.
  {
    firstName: "Priya",
    lastName: "Nakamura",
    department: "Support",
    office: "Oakland",
    title: "Support Specialist",
    startDate: "2026-11-23",
    place: 83,
  },
  // Administrator in the CRM without being asked for.
  { firstName: "Hugo", lastName: "Abbott", department: SALES, office: "Portland", title: "Agent" },
  // Rehired: the old account was deactivated when he left the first time.
  {
    firstName: "Tomas",
    lastName: "Lindqvist",
    department: "Support",
    office: "Oakland",
    title: "Support Specialist",
    startDate: "2026-11-16",
  },
  // Married: the directory has the new name, the inbox the old one.
  { firstName: "Grace", lastName: "Marlow", department: "Support", office: "Portland", title: "Support Specialist" },
  // Came with an acquisition and still has an address of its domain.
  { firstName: "Cole", lastName: "Bergstrom", department: "Marketing", office: "Oakland", title: "Marketing Manager" },
  {
    firstName: "Vik",
    lastName: "Reyes",
    department: "Finance",
    office: "Oakland",
    title: "Bookkeeper",
    lastDay: "2026-11-01",
    status: "terminated",
  },
  { firstName: "Tessa", lastName: "Voss", department: "Finance", office: "Oakland", title: "Finance Manager" },
];
