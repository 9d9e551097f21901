import type { CompanyPerson } from "../../emulator-kit/company.ts";
import type { Random } from "../../kernel/random.ts";
import { FIRST_NAMES, LAST_NAMES } from "./names.data.ts";
import { PLANTED, POSTS, ZONES, type Planted, type Post } from "./posts.data.ts";

export const DOMAIN = "harborpine.example";

/** A person before numbers, addresses and managers are given out. */
interface Draft extends Post {
  readonly firstName: string;
  readonly lastName: string;
  readonly startDate: string;
  readonly lastDay: string | null;
  readonly status: "active" | "terminated";
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random.next() * (index + 1));
    const [one, two] = [mixed[index], mixed[other]];
    if (one !== undefined && two !== undefined) [mixed[index], mixed[other]] = [two, one];
  }
  return mixed;
}

/** A day of the ten years before the stories; never one of the first or last of a month, where zones make two days of it. */
function startDate(random: Random): string {
  const year = 2016 + Math.floor(random.next() * 10);
  const month = 1 + Math.floor(random.next() * 12);
  const day = 4 + Math.floor(random.next() * 20);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function plantedDraft(planted: Planted, random: Random): Draft {
  const { firstName, lastName, department, office, title, lastDay, status } = planted;
  const since = planted.startDate ?? startDate(random);
  return {
    firstName,
    lastName,
    department,
    office,
    title,
    startDate: since,
    lastDay: lastDay ?? null,
    status: status ?? "active",
  };
}

/** The unnamed posts with names that nobody else has: no two people are to be taken for one by accident. */
function otherDrafts(random: Random): readonly Draft[] {
  const firstNames = shuffled(FIRST_NAMES, random);
  const lastNames = shuffled(LAST_NAMES, random);
  const posts = POSTS.flatMap((post) => Array.from({ length: post.count }, () => post));
  return posts.map(({ department, office, title }, index) => ({
    firstName: firstNames[index] ?? "",
    lastName: lastNames[index] ?? "",
    department,
    office,
    title,
    startDate: startDate(random),
    lastDay: null,
    status: "active",
  }));
}

/** The roster's order: by chance, but with the people of the stories on their rows. */
function ordered(random: Random): readonly Draft[] {
  const drafts = PLANTED.map((planted) => ({ draft: plantedDraft(planted, random), place: planted.place }));
  const loose = drafts.filter(({ place }) => place === undefined).map(({ draft }) => draft);
  const rows = shuffled([...loose, ...otherDrafts(random)], random);
  const fixed = drafts.flatMap(({ draft, place }) => (place === undefined ? [] : [{ draft, place }]));
  for (const { draft, place } of fixed.sort((left, right) => left.place - right.place)) rows.splice(place, 0, draft);
  return rows;
}

/** Letters of ASCII only: addresses and handles have no accents and no apostrophes. */
function plain(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}

function toPerson(draft: Draft, index: number): Omit<CompanyPerson, "managerId"> {
  return {
    employeeId: `HP-${1001 + index}`,
    firstName: draft.firstName,
    lastName: draft.lastName,
    email: `${plain(draft.firstName)}.${plain(draft.lastName)}@${DOMAIN}`,
    phone: `+1 510 555 ${String(100 + index).padStart(4, "0")}`,
    department: draft.department,
    title: draft.title,
    office: draft.office,
    startDate: draft.startDate,
    lastDay: draft.lastDay,
    status: draft.status,
    zone: ZONES[draft.office] ?? "America/Los_Angeles",
  };
}

type Unmanaged = Omit<CompanyPerson, "managerId">;

/** The manager of the office's sales, of the department, or who runs operations; nobody above the chief executive. */
function managerOf(person: Unmanaged, people: readonly Unmanaged[]): string | null {
  const holder = (title: string, office: string | null): string | null =>
    people.find((one) => one.title === title && (office === null || one.office === office))?.employeeId ?? null;
  const chief = holder("Chief Executive Officer", null);
  const operating = holder("Chief Operating Officer", null);
  if (person.employeeId === chief) return null;
  if (person.employeeId === operating) return chief;
  const titles: Readonly<Record<string, string>> = {
    Sales: "Sales Manager",
    Support: "Support Manager",
    Operations: "Director of Sales Operations",
    Marketing: "Marketing Manager",
    Finance: "Finance Manager",
    IT: "IT Manager",
  };
  const title = titles[person.department] ?? "";
  const own = holder(title, person.department === "Sales" ? person.office : null);
  return own === null || own === person.employeeId ? operating : own;
}

/** The 84 people in the order of the roster. */
export function hirePeople(random: Random): readonly CompanyPerson[] {
  const people = ordered(random).map(toPerson);
  return people.map((person) => ({ ...person, managerId: managerOf(person, people) }));
}
