import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, FindingKind } from "../model/finding.ts";
import type { Policy } from "../model/policy.ts";
import { findDrift, type Drift } from "./drift.ts";
import {
  account,
  app,
  connectionPolicy,
  graphOf,
  HR,
  link,
  member,
  MEMBERED,
  NOW,
  OKTA,
  person,
  policy,
  SALES_RULE,
  team,
} from "./testing/company.ts";

const MAYA = person("E010", "Maya Okafor");
const OAKLAND = team("1", "Oakland Team");
const BOSTON = team("2", "Boston Team");
const FINE = account("1", MAYA.email, { displayName: "Maya Okafor" });

type GraphSpec = Parameters<typeof graphOf>[0];

function driftOf(spec: GraphSpec, own: Partial<Policy> = {}, removedByUs: readonly string[] = []): Drift {
  const rows = spec.rows === undefined ? {} : { rows: [...spec.rows, OAKLAND, BOSTON] };
  return findDrift({
    graph: graphOf({ ...spec, ...rows }),
    policy: policy(own),
    now: NOW,
    removedByUs: new Set(removedByUs),
  });
}

function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map((one) => `${one.severity} ${one.kind}`);
}

function kinds(spec: GraphSpec, own: Partial<Policy> = {}): readonly string[] {
  return brief(driftOf(spec, own).findings);
}

function only(drift: Drift, kind: FindingKind): Finding {
  const found = drift.findings.filter((one) => one.kind === kind);
  assert.equal(found.length, 1, `${kind} among ${brief(drift.findings).join(", ")}`);
  const [finding] = found;
  assert.ok(finding !== undefined);
  return finding;
}

test("somebody with what the rules give is no finding", () => {
  assert.deepEqual(kinds({ people: [MAYA], rows: [FINE] }), []);
});

test("a leaver with an account that gives access is a high finding, with row, account and time of the read", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-11-19" });
  const finding = only(driftOf({ people: [leaver], rows: [FINE] }), "leaver-access");
  assert.equal(finding.severity, "high");
  assert.equal(finding.title, "Maya Okafor left on 2026-11-19 and still has access to Deal Desk");
  assert.deepEqual(finding.evidence, [
    "hr row 11: terminated, last day 2026-11-19, access ends 2026-11-20 08:00 UTC (America/Los_Angeles), department Sales, office Oakland",
    "user 1 is active",
    "1 account read 2026-11-20 21:55 UTC",
  ]);
  assert.deepEqual(finding.facts["daysSince"], 0);
});

test("[A14] somebody whose last day is today has not left before it ends where they are", () => {
  const today = person("E010", "Maya Okafor", { lastDay: "2026-11-20" });
  assert.deepEqual(kinds({ people: [today], rows: [FINE] }), []);
});

test("a suspended account of a leaver is waited with for the grace, and stays where the policy says so", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-11-10" });
  const spec = { people: [leaver], rows: [account("1", MAYA.email, { state: "suspended" })] } as const;
  const leaving = (final: "delete" | "suspend", graceDays: number): Partial<Policy> => ({
    connections: [connectionPolicy("crm", { leaver: { handOver: {}, final, graceDays } })],
  });
  assert.deepEqual(kinds(spec, leaving("delete", 0)), ["medium leaver-access"]);
  assert.deepEqual(kinds(spec, leaving("delete", 30)), []);
  assert.deepEqual(kinds(spec, leaving("suspend", 0)), []);
});

test("[G4] a leaver who only has an open invitation is a leaver with access", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated" });
  const invitation = {
    noun: "invitation",
    kind: "invitation",
    id: "i1",
    email: MAYA.email,
    state: "pending",
    roles: [],
    invitedAt: "2026-11-19T00:00:00Z",
  } as const;
  assert.deepEqual(kinds({ people: [leaver], rows: [invitation] }), ["high leaver-access"]);
});

test("an account that fits nobody is orphaned, and the evidence says who was asked", () => {
  const drift = driftOf({
    people: [MAYA],
    rows: [FINE, account("9", "xavi.patel@harborpine.example")],
    sources: [HR, OKTA],
  });
  const finding = only(drift, "orphaned");
  assert.equal(finding.severity, "high");
  assert.equal(finding.title, "Xavi Patel (xavi.patel@harborpine.example) in Deal Desk belongs to nobody in HR");
  assert.match(
    finding.evidence[0] ?? "",
    /^no HR record: address, further addresses, name and phone fit none of 1 people \(hr\)$/,
  );
  assert.equal(finding.evidence[1], "no user in okta");
});

test("[B11] owners, protected accounts and the key's owner are told as kept, and are no alarm", () => {
  const rows = [
    FINE,
    account("7", "root@vendor.example", { displayName: "x" }),
    account("8", "boss@harborpine.example", { displayName: "y" }),
    account("9", "z@q.example", { owner: true }),
  ];
  const connections = [connectionPolicy("crm", { protected: ["boss@harborpine.example"], keyOwner: "7" })];
  const { findings } = driftOf({ people: [MAYA], rows }, { connections });
  assert.deepEqual(brief(findings), ["low orphaned", "low orphaned", "low shared-mailbox"]);
  assert.ok(findings.every((one) => one.facts["protected"] === true));
});

test("an account with candidates waits as unlinked, and its person gets no second account meanwhile", () => {
  const { findings } = driftOf({
    people: [MAYA],
    rows: [account("1", "m.okafor@harborpine.example", { displayName: "Maya Okafor" })],
  });
  assert.deepEqual(brief(findings), ["medium unlinked"]);
  assert.match(findings[0]?.title ?? "", /may be Maya Okafor \(0\.93\): someone must say/);
});

test("nobody is an orphan while no people are known at all", () => {
  assert.deepEqual(kinds({ people: [], rows: [FINE] }), []);
});

test("a rule that gives an account which a whole list lacks is a missing account", () => {
  const finding = only(driftOf({ people: [MAYA], rows: [] }), "missing");
  assert.equal(finding.title, "Maya Okafor has no account in Deal Desk, and sales-gets-crm gives one");
  assert.equal(finding.evidence[0], "rule sales-gets-crm (tenure.yaml:41) gives role Agent, team Oakland Team");
  assert.equal(finding.facts["previous"], null);
});

test("[S15] [A6] nothing is missing where the list is not proven to be whole; that is said instead", () => {
  const partial = driftOf({ people: [MAYA], apps: [app({ rows: [], complete: false })] });
  assert.deepEqual(partial.findings, []);
  assert.deepEqual(
    partial.withheld.map((one) => `${one.connection} ${one.what}`),
    ["crm missing", "crm teams"],
  );
  const unread = driftOf({ people: [MAYA], apps: [app({ rows: [], unread: true })] });
  assert.deepEqual([unread.findings.length, unread.withheld[0]?.reason], [0, "it was never read"]);
});

test("[S15] teams are not judged by lists that are not proven to be whole", () => {
  const boston = person("E010", "Maya Okafor", { office: "Boston" });
  const rows = [FINE, OAKLAND, BOSTON];
  const kindsOf = (complete: boolean): readonly string[] =>
    kinds({ people: [boston], apps: [app({ rows, complete })] });
  assert.deepEqual([kindsOf(true), kindsOf(false)], [["low team-mismatch"], []]);
});

test("[FUB-26] where suspended accounts may be left out of the list, absence is told as that", () => {
  const finding = only(driftOf({ people: [MAYA], rows: [] }), "missing");
  assert.equal(finding.facts["mayBeHidden"], true);
  assert.ok(finding.evidence.includes("Deal Desk may leave suspended accounts out of its list"));
});

test("[B6] a deactivated record is named in what is missing, so that it comes back instead of a second one", () => {
  const finding = only(driftOf({ people: [MAYA], rows: [account("1", MAYA.email, { state: "removed" })] }), "missing");
  assert.deepEqual(finding.facts["previous"], { kind: "user", id: "1", state: "removed" });
  assert.equal(finding.account?.id, "1");
});

test("a suspended account of somebody who should have one is a low finding", () => {
  const { findings } = driftOf({ people: [MAYA], rows: [account("1", MAYA.email, { state: "suspended" })] });
  assert.deepEqual(brief(findings), ["low missing"]);
});

test("a role other than the rule's is a mismatch; an administrator where the rule gives none is a high one", () => {
  const rows = (spec: Parameters<typeof account>[2]): GraphSpec => ({
    people: [MAYA],
    rows: [account("1", MAYA.email, spec)],
  });
  assert.deepEqual(kinds(rows({ roles: ["Lender"] })), ["medium role-mismatch"]);
  const admin = driftOf(rows({ roles: ["Admin"], privileged: true }));
  const finding = only(admin, "role-mismatch");
  assert.equal(finding.severity, "high");
  assert.deepEqual(finding.facts["expected"], "Agent");
  const adminRule = { ...SALES_RULE, give: { crm: { role: "Admin", teams: [], attributes: {} } } };
  assert.deepEqual(brief(driftOf(rows({ roles: ["Admin"], privileged: true }), { rules: [adminRule] }).findings), []);
});

test("[FUB-A1] a role and an admin flag that contradict are reported as they are", () => {
  const odd = account("1", MAYA.email, {
    roles: ["Agent"],
    privileged: true,
    oddities: ["the role is Agent and the admin flag is set"],
  });
  const drift = driftOf({ people: [MAYA], rows: [odd] });
  assert.deepEqual(brief(drift.findings), ["high role-mismatch", "medium contradiction"]);
  assert.deepEqual(only(drift, "contradiction").evidence.slice(0, 2), [
    "the role is Agent and the admin flag is set",
    "user 1: roles Agent",
  ]);
});

test("an administrator without any rule is outside the policy, the vendor account's owner is not", () => {
  const rows = [account("1", MAYA.email, { privileged: true, roles: ["Admin"] })];
  assert.deepEqual(kinds({ people: [MAYA], rows }, { rules: [] }), ["high admin-outside-policy"]);
  assert.deepEqual(
    kinds({ people: [MAYA], rows: [account("1", MAYA.email, { privileged: true, owner: true })] }, { rules: [] }),
    [],
  );
});

test("a mover is in the team of before and not in the one of now", () => {
  const boston = person("E010", "Maya Okafor", { office: "Boston" });
  const finding = only(driftOf({ people: [boston], rows: [FINE] }), "team-mismatch");
  assert.deepEqual(finding.facts["missing"], [{ name: "Boston Team", id: "2" }]);
  assert.deepEqual(finding.facts["extra"], [{ id: "1", name: "Oakland Team" }]);
});

test("a team that the app does not have is said to be missing there", () => {
  const austin = person("E010", "Maya Okafor", { office: "Austin" });
  const finding = only(driftOf({ people: [austin], rows: [FINE] }), "team-mismatch");
  assert.ok(finding.evidence.includes("Deal Desk has no team called Austin Team"));
});

test("where many teams can be had, only teams that rules hand out are too many", () => {
  const rows = [
    account("a", MAYA.email, { kind: "mate", teams: null }),
    team("t1", "Oakland Team"),
    team("t2", "Boston Team"),
    team("t3", "Choir"),
    member("a", "t1"),
    member("a", "t2"),
    member("a", "t3"),
  ];
  const finding = only(driftOf({ people: [MAYA], apps: [app({ traits: MEMBERED, rows })] }), "team-mismatch");
  assert.deepEqual(finding.facts["extra"], [{ id: "t2", name: "Boston Team" }]);
  assert.match(finding.evidence[0] ?? "", /gives inbox team Oakland Team/);
});

test("[X-16] names are compared as words, without case, accents and order of fields; one name field is not parted", () => {
  const jose = person("E010", "José Martínez", { email: MAYA.email });
  for (const displayName of ["JOSE MARTINEZ", "José  Martínez", "Jose\u0301 Martínez"]) {
    assert.deepEqual(kinds({ people: [jose], rows: [account("1", MAYA.email, { displayName })] }), [], displayName);
  }
  const parts = account("1", MAYA.email, { displayName: "jm", givenName: "Jose", familyName: "Martinez" });
  assert.deepEqual(kinds({ people: [jose], rows: [parts] }), []);
  const other = driftOf({ people: [jose], rows: [account("1", MAYA.email, { displayName: "Pepe Martínez" })] });
  assert.deepEqual(only(other, "attribute-drift").facts["fields"], {
    name: { expected: "José Martínez", actual: "Pepe Martínez", writable: true },
  });
});

test("[B7] a new address of a linked person is drift of the address", () => {
  const married = person("E010", "Maya Okafor", { email: "maya.reyes@harborpine.example" });
  const finding = only(driftOf({ people: [married], rows: [FINE], links: [link(MAYA, "1")] }), "attribute-drift");
  assert.equal(finding.severity, "medium");
  assert.deepEqual(finding.facts["fields"], {
    email: { expected: "maya.reyes@harborpine.example", actual: "maya.okafor@harborpine.example", writable: true },
  });
});

test("phone numbers are compared by their digits, titles and ruled attributes by value", () => {
  const maya = person("E010", "Maya Okafor", { phone: "+1 (415) 555-0100", title: "Lead" });
  const row = (spec: Parameters<typeof account>[2]): GraphSpec => ({
    people: [maya],
    rows: [account("1", MAYA.email, spec)],
  });
  assert.deepEqual(kinds(row({ phone: "415.555.0100", attributes: { title: "lead" } })), []);
  const drift = driftOf(row({ phone: "4155550199", attributes: { title: "Agent" } }));
  assert.deepEqual(Object.keys(only(drift, "attribute-drift").facts["fields"] ?? {}), ["phone", "title"]);
  const zoned = { ...SALES_RULE, give: { crm: { role: null, teams: [], attributes: { timezone: "{zone}" } } } };
  const ruled = driftOf(row({ phone: "4155550100", attributes: { timezone: "UTC" } }), { rules: [zoned] });
  assert.deepEqual(only(ruled, "attribute-drift").facts["fields"], {
    timezone: { expected: "America/Los_Angeles", actual: "UTC", writable: false },
  });
});

test("an invitation that waits longer than the policy allows is a finding with its age", () => {
  const invited = (invitedAt: string): GraphSpec => ({
    people: [MAYA],
    rows: [account("1", MAYA.email, { state: "invited", invitedAt })],
  });
  assert.equal(only(driftOf(invited("2026-11-08T10:00:00Z")), "invitation-old").facts["ageDays"], 12);
  assert.deepEqual(kinds(invited("2026-11-15T10:00:00Z")), []);
});

test("more seats taken than bought is a finding", () => {
  const rows = [FINE, account("2", null, { takesSeat: true, state: "suspended", displayName: "q" })];
  const finding = only(
    driftOf({ people: [MAYA], rows }, { connections: [connectionPolicy("crm", { seats: 1 })] }),
    "seat-overuse",
  );
  assert.deepEqual(finding.facts, { seats: 1, used: 2, idle: 1 });
});

test("a second account of a person is a duplicate, sure by its address or by a human's word", () => {
  const second = account("2", MAYA.email);
  const drift = driftOf({ people: [MAYA], rows: [FINE, second], links: [link(MAYA, "1")] });
  assert.equal(only(drift, "duplicate").account?.id, "2");
  const both = driftOf({
    people: [MAYA],
    rows: [FINE, account("2", "m@x.example", { displayName: "Maya Okafor" })],
    links: [link(MAYA, "1"), link(MAYA, "2", "confirmed", "human")],
  });
  assert.equal(only(both, "duplicate").title, "Maya Okafor has 2 accounts in Deal Desk");
});

test("[B5] a disputed account of a leaver is a high finding, and nothing says to take it away", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-01-31" });
  const heir = person("E040", "Maya Okonkwo", { email: MAYA.email });
  const drift = driftOf({ people: [leaver, heir], rows: [FINE], links: [link(leaver, "1")] });
  assert.deepEqual(brief(drift.findings), ["high disputed"]);
  assert.match(
    only(drift, "disputed").evidence.join("\n"),
    /has left: until the question is settled nothing is taken away/,
  );
});

test("[B3] an account that imitates somebody is a high finding that says whom", () => {
  const drift = driftOf({
    people: [MAYA],
    rows: [FINE, account("2", "m\u0430ya.okafor@harborpine.example", { displayName: "x" })],
  });
  const finding = drift.findings.find((one) => one.account?.id === "2");
  assert.equal(finding?.severity, "high");
  assert.match(finding?.evidence.join("\n") ?? "", /looks like maya\.okafor@harborpine\.example of Maya Okafor/);
});

test("[B8] a shared address is flagged once, whoever asks", () => {
  assert.deepEqual(kinds({ people: [MAYA], rows: [FINE, account("2", "sales@harborpine.example")] }), [
    "low shared-mailbox",
  ]);
});

test("an account that went without us is a finding, one that we removed is not", () => {
  const spec = { people: [MAYA], rows: [], gone: [FINE], links: [link(MAYA, "1")] } as const;
  const graph = graphOf({ ...spec, rows: [OAKLAND] });
  const judge = (removed: readonly string[]): readonly string[] =>
    brief(findDrift({ graph, policy: policy(), now: NOW, removedByUs: new Set(removed) }).findings);
  assert.deepEqual(judge([]), ["medium missing", "medium vanished-account"]);
  assert.deepEqual(judge(["crm/user/1"]), ["medium missing"]);
});

test("[A8] somebody no longer listed is a question for a human, and nothing else is said of them", () => {
  const gone = person("E010", "Maya Okafor", { listed: false, office: "Boston" });
  const drift = driftOf({ people: [gone], rows: [FINE] });
  assert.deepEqual(brief(drift.findings), ["medium vanished-person"]);
  assert.equal(drift.findings[0]?.connection, "hr");
  assert.ok(drift.scopes.includes("hr"));
  const ending = person("E010", "Maya Okafor", { listed: false, lastDay: "2026-11-01" });
  assert.deepEqual(kinds({ people: [ending], rows: [FINE] }), ["high vanished-person"]);
});

test("[A9] somebody suspended in a directory whom HR keeps is reported, and loses nothing by it", () => {
  const okta = person("00u1", "Maya Okafor", { source: "okta", status: "leave" });
  const drift = driftOf({ people: [MAYA, okta], rows: [FINE], sources: [HR, OKTA] });
  assert.deepEqual(brief(drift.findings), ["medium contradiction"]);
  assert.equal(drift.findings[0]?.title, "Maya Okafor is suspended in okta, and works here by hr");
});

test("an account of somebody whom only a directory knows is an orphan with a name", () => {
  const sam = person("00u3", "Sam Ware", { source: "okta" });
  const finding = only(
    driftOf({ people: [MAYA, sam], rows: [FINE, account("3", sam.email)], sources: [HR, OKTA] }),
    "orphaned",
  );
  assert.deepEqual([finding.severity, finding.person, finding.evidence[0]], ["medium", sam.id, "no HR record"]);
});

test("people on leave keep what they have, and get nothing new", () => {
  const away = person("E010", "Maya Okafor", { status: "leave", office: "Boston" });
  assert.deepEqual(kinds({ people: [away], rows: [FINE] }), []);
  assert.deepEqual(kinds({ people: [away], rows: [] }), []);
});

test("the same difference keeps its id from one reading to the next", () => {
  const [before] = driftOf({ people: [MAYA], rows: [] }).findings;
  const [after] = driftOf({
    people: [person("E010", "Maya Okafor", { row: 99 })],
    rows: [account("5", "new@x.example", { displayName: "q" })],
  }).findings.filter((one) => one.kind === "missing");
  assert.ok(before !== undefined && before.id === after?.id);
  assert.match(before.id, /^fnd_[0-9a-z]{26}$/);
});
