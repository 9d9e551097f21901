import type { GraphInput } from "../graph.ts";
import type { Policy } from "../../model/policy.ts";
import {
  account,
  app,
  connectionPolicy,
  HR,
  member,
  MEMBERED,
  NOW,
  OKTA,
  person,
  policy,
  SALES_RULE,
  team,
} from "./company.ts";

/** A small brokerage with one of each story that an audit tells: ten people, two apps, a directory. */
const PEOPLE = [
  person("E001", "Rosa Ellis", { department: "IT" }),
  person("E010", "Maya Okafor", { lastDay: "2026-11-19", status: "terminated", row: 41 }),
  person("E011", "Jonah Reyes"),
  person("E012", "Liam Castillo", { office: "Boston" }),
  person("E013", "Hugo Abbott"),
  person("E014", "Tessa Voss", { department: "Support" }),
  person("E015", "Priya Nakamura", { status: "future", startDate: "2026-11-23", department: "Support", row: 85 }),
  person("E016", "Elena Sato", { listed: false, department: "Support" }),
  person("E017", "Ana Cruz", { department: "Support", phone: "+1 415 555 0117" }),
  person("E018", "Omar Hale", { status: "leave" }),
];

const DIRECTORY = [
  person("00u1", "Jonah Reyes", { source: "okta", status: "leave" }),
  person("00u2", "Sam Ware", { source: "okta", department: null }),
];

const CRM = [
  team("1", "Oakland Team"),
  team("2", "Boston Team"),
  account("4417", "maya.okafor@harborpine.example", { displayName: "Maya Okafor" }),
  account("4418", "jonah.reyes@harborpine.example", { displayName: "Jonah Reyes" }),
  account("4419", "liam.castillo@harborpine.example", { displayName: "Liam Castillo" }),
  account("4420", "hugo.abbott@harborpine.example", {
    displayName: "Hugo Abbott",
    privileged: true,
    oddities: ["the role is Agent and the admin flag is set"],
  }),
  account("4421", "xavi.patel@harborpine.example", { displayName: "Xavi Patel" }),
  account("4422", "owner@harborpine.example", { displayName: "Root", privileged: true, roles: ["Admin"], owner: true }),
];

const INBOX = [
  team("tim_1", "Support"),
  member("tea_2", "tim_1"),
  account("tea_1", "maya.okafor@harborpine.example", {
    kind: "mate",
    displayName: "Maya Okafor",
    teams: null,
    state: "invited",
    invitedAt: "2026-11-01T10:00:00Z",
  }),
  account("tea_2", "tessa.voss@harborpine.example", {
    kind: "mate",
    displayName: "Tess Voss",
    givenName: "Tess",
    familyName: "Voss",
    teams: null,
  }),
  account("tea_3", "a.cruz@harborpine.example", { kind: "mate", displayName: "Ana Cruz", teams: null }),
  account("tea_4", "support@harborpine.example", { kind: "mate", displayName: "Support Desk", teams: null }),
  account("tea_5", "elena.sato@harborpine.example", { kind: "mate", displayName: "Elena Sato", teams: null }),
  account("tea_6", "sam.ware@harborpine.example", { kind: "mate", displayName: "Sam Ware", teams: null }),
  account("tea_7", "rule@bots.example", {
    kind: "mate",
    displayName: "Rule",
    human: false,
    takesSeat: false,
    teams: null,
  }),
];

export const HARBOR: GraphInput = {
  people: [...PEOPLE, ...DIRECTORY],
  sources: [HR, OKTA],
  connections: [app({ rows: CRM }), app({ name: "inbox", traits: MEMBERED, rows: INBOX })],
  links: [],
  policy: { domains: [], autoLink: "exact" },
  now: NOW,
};

export const HARBOR_POLICY: Policy = policy({
  rules: [
    SALES_RULE,
    {
      name: "support-gets-inbox",
      place: "tenure.yaml:47",
      when: { department: "Support" },
      give: { inbox: { role: null, teams: ["Support"], attributes: {} } },
    },
  ],
  connections: [connectionPolicy("crm", { seats: 5 }), connectionPolicy("inbox")],
});
