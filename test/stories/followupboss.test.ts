/** The three scenarios of Follow Up Boss's document, from the roster file to the proof, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planTotals } from "../../src/model/plan.ts";
import type { WorldOptions } from "../world.ts";
import { mailOf, stepOf, titles, users, withOffice, type Hired, type Office } from "./office.ts";

const kim: Hired = { id: "HP-1", first: "Kim", last: "Ito" };
const maya: Hired = { id: "HP-2", first: "Maya", last: "Okafor", manager: mailOf(kim) };
const lee: Hired = { id: "HP-3", first: "Lee", last: "Chen", manager: mailOf(kim) };
const noor: Hired = { id: "HP-4", first: "Noor", last: "Haddad", office: "West", manager: mailOf(kim) };
const left = { lastDay: "2026-11-19", status: "Terminated" } as const;

const TEAMS = [
  { id: 1, name: "East" },
  { id: 2, name: "West" },
];

function leadsOf(owner: number, count: number, first = 101) {
  return Array.from({ length: count }, (_, index) => ({ id: first + index, name: `Lead ${index}`, ownerId: owner }));
}

/** Kim, Maya with her leads, and Lee; the inbox is somebody else's story. */
function office(leads = 3, change: WorldOptions = {}): WorldOptions {
  const crmOnly = [
    {
      name: "crm",
      place: "tenure.yaml:10",
      when: { department: "Sales" },
      give: { followupboss: { role: "Agent", teams: ["{office}"], attributes: {} } },
    },
  ];
  return {
    data: { followupboss: { users: users(kim, maya, lee), teams: TEAMS, people: leadsOf(2, leads) } },
    policy: { rules: crmOnly, ...change.policy },
    connections: {
      followupboss: {
        leaver: { handOver: { lead: "manager" }, final: "delete", graceDays: 0 },
        ...change.connections?.followupboss,
      },
    },
  };
}

function story(options: WorldOptions, body: (office: Office) => Promise<void>): () => Promise<void> {
  return () => withOffice(options, body);
}

const app = "followupboss";

test(
  "[FUB-53] [FUB-54] [FUB-55] [FUB-56] a joiner: team by name, one POST, 201 with an id, confirmed by a read",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, maya, lee, noor);
    assert.ok(office.lines(app).includes("GET /v1/teams"), "the team's id is looked up by its name");
    const step = stepOf(plan, app, "create");
    assert.equal(step.action.verb === "create" ? step.action.draft.teams.join() : "", "2");
    const mark = office.mark(app);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    // The first request looks whether the key still opens the account that the plan was made from.
    const [look, post, read] = office.journal(app, mark);
    assert.equal(look?.method, "GET");
    assert.deepEqual(post?.body, { name: "Noor Haddad", email: mailOf(noor), role: "Agent", teamId: 2 });
    assert.equal(`${post?.method} ${post?.path}`, "POST /v1/users");
    assert.equal(post?.status, 201);
    const id = office.user(mailOf(noor))?.["id"];
    assert.ok(typeof id === "number");
    const entry = await office.world.entry(result, step);
    assert.equal(entry.accountId, String(id));
    assert.equal(`${read?.method} ${read?.path}`, `GET /v1/users/${String(id)}`);
    assert.equal(entry.receipt?.readBack, "verified");
    await office.assertSettled();
  }),
);

test(
  "[FUB-32] a joiner takes a paid seat, a leaver's deletion gives it back",
  story(office(), async (office) => {
    office.world.emulator(app).set("seatLimit", 4);
    const seats = (): number => office.world.emulator(app).state().seats.used;
    const hired = await office.planFresh(kim, maya, lee, noor);
    assert.equal(stepOf(hired, app, "create").seat, 1);
    await office.apply(hired);
    assert.equal(seats(), 4);
    const leaving = await office.planFresh(kim, { ...maya, ...left }, lee, noor);
    assert.equal(stepOf(leaving, app, "suspend").seat, 0);
    assert.equal(stepOf(leaving, app, "remove").seat, -1);
    const waiting = await office.apply(leaving, []);
    assert.equal(waiting.exit, 8);
    assert.equal(seats(), 4, "a deactivated account still holds its place");
    await office.apply(leaving);
    assert.equal(seats(), 3);
  }),
);

test(
  "[FUB-33] an address that a hidden account holds: 422, no second account, and a person is asked to look",
  story(office(), async (office) => {
    office.world
      .emulator(app)
      .mutate({ op: "create", kind: "user", data: { name: "N", email: mailOf(noor), activeFlag: false } });
    const plan = await office.planFresh(kim, maya, lee, noor);
    const step = stepOf(plan, app, "create");
    const result = await office.apply(plan);
    assert.equal(office.world.requests(app, "POST", /users/)[0]?.status, 422);
    const entry = await office.world.entry(result, step);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /look in its admin page/);
    assert.equal(office.world.rows(app, "users").length, 4);
  }),
);

test(
  "[FUB-57] seats are counted before: a plan that needs one too many is held back, and nothing is sent",
  story(office(3, { connections: { followupboss: { seats: 3 } } }), async (office) => {
    const plan = await office.planFresh(kim, maya, lee, noor);
    const seats = plan.plan.content.guards.find((guard) => guard.name === "seats");
    assert.notEqual(seats?.state, "pass");
    assert.match(seats?.text ?? "", /3 of 3/);
    const creates = plan.plan.content.steps.filter((step) => step.action.verb === "create");
    if (creates.length > 0) await assert.rejects(() => office.apply(plan));
    else assert.ok(plan.plan.content.heldBack.some((held) => held.label === "Noor Haddad"));
    assert.equal(office.world.requests(app, "POST", /users/).length, 0);
  }),
);

test(
  "[FUB-57] a seat that is missing all the same is a refusal in words, never a silent one",
  story(office(), async (office) => {
    office.world.emulator(app).set("seatLimit", 3);
    const plan = await office.planFresh(kim, maya, lee, noor);
    const result = await office.apply(plan);
    const entry = await office.world.entry(result, stepOf(plan, app, "create"));
    assert.equal(entry.state, "failed");
    assert.match(entry.reason ?? "", /Follow Up Boss has no seat left. Buy a seat or free one, then plan again/);
    assert.equal(result.exit, 1);
  }),
);

test(
  "[FUB-58] [FUB-59] [FUB-60] [FUB-61] [FUB-41] a leaver: id from the list, leads by owner in pages, one PUT a lead, then the deletion",
  story(office(143), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left }, lee);
    assert.ok(office.lines(app).includes("GET /v1/users"));
    assert.equal(stepOf(plan, app, "remove").target.id, "2");
    const listed = office.journal(app).filter((entry) => entry.path === "/v1/people");
    assert.deepEqual(
      listed.slice(0, 2).map((entry) => entry.query),
      [
        { userId: "2", limit: "100", offset: "0" },
        { userId: "2", limit: "100", offset: "100" },
      ],
    );
    const mark = office.mark(app);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const writes = office.journal(app, mark).filter((entry) => entry.method !== "GET");
    const puts = writes.filter((entry) => entry.path.startsWith("/v1/people/"));
    assert.equal(puts.length, 143);
    assert.equal(new Set(puts.map((entry) => entry.path)).size, 143);
    assert.ok(puts.every((entry) => JSON.stringify(entry.body) === '{"ownerId":1}'));
    assert.equal(writes.at(-1)?.method, "DELETE");
    assert.equal(writes.at(-1)?.path, "/v1/users/2");
    assert.ok(office.world.rows(app, "people").every((lead) => lead["ownerId"] === 1));
    await office.assertSettled();
  }),
);

test(
  "[FUB-40] a deletion is for ever: two people must say yes, and no undo is promised",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left }, lee);
    const remove = stepOf(plan, app, "remove");
    assert.equal(remove.undo, "never");
    assert.equal(remove.approvals, 2);
    assert.equal(plan.state, "needs-approval");
    assert.ok(plan.plan.content.guards.some((guard) => guard.name === "irreversible" && guard.state === "warn"));
    const one = await office.apply(plan, ["ann"]);
    assert.match((await office.world.entry(one, remove)).reason ?? "", /needs 2 approvals: it cannot be undone/);
    assert.notEqual(office.user(mailOf(maya)), undefined);
    const both = await office.apply(plan, ["ann", "bob"]);
    assert.equal(both.exit, 0);
    assert.equal(office.user(mailOf(maya)), undefined);
  }),
);

test(
  "[FUB-23] a leaver is cut off at once, by what a call can give back, before leads are moved",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left }, lee);
    const mark = office.mark(app);
    await office.apply(plan, []);
    const [first] = office.journal(app, mark).filter((entry) => entry.method !== "GET");
    assert.equal(first?.path, "/v1/users/2");
    assert.deepEqual(first?.body, { activeFlag: false });
    assert.equal(office.user(mailOf(maya))?.["activeFlag"], false);
  }),
);

test(
  "[FUB-63] 205 users are read 100 a page until the total is used up",
  story(
    {
      ...office(),
      data: {
        followupboss: {
          users: Array.from({ length: 205 }, (_, index) => ({
            name: `Agent ${index}`,
            email: `agent${index}@${"harborpine.example"}`,
          })),
          teams: TEAMS,
        },
      },
    },
    async (office) => {
      await office.write(kim);
      await office.importRoster();
      await office.sync();
      const pages = office.journal(app).filter((entry) => entry.path === "/v1/users");
      assert.deepEqual(
        pages.slice(0, 3).map((entry) => [entry.query["limit"], entry.query["offset"]]),
        [
          ["100", "0"],
          ["100", "100"],
          ["100", "200"],
        ],
      );
      const people = await office.world.call("people.list", { search: null, app: null, limit: 10 });
      assert.equal(people.unlinked, 205);
    },
  ),
);

test(
  "[FUB-64] people and users are compared by address, whatever its case",
  story(office(), async (office) => {
    const plan = await office.planFresh(
      { ...kim, email: "KIM.ITO@HarborPine.example" },
      { ...maya, email: " Maya.Okafor@harborpine.EXAMPLE" },
      lee,
    );
    assert.deepEqual(titles(plan, app), []);
  }),
);

test(
  "[FUB-65] [FUB-66] [FUB-67] a nightly file: the new one is made, the changed one changed, the terminated one deleted, the missing one left alone",
  story(office(0), async (office) => {
    await office.planFresh(kim, maya, lee);
    const married: Hired = { ...maya, last: "Okafor-Ito", email: mailOf(maya), phone: "+1 510 555 0199" };
    // Lee's row is gone from the file; nobody has said that he has left.
    const plan = await office.planFresh(kim, married, noor);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const writes = office.world.effects(app).map((entry) => [entry.method, entry.path, entry.body] as const);
    assert.deepEqual(
      writes.toSorted(([left], [right]) => right.localeCompare(left)),
      [
        ["PUT", "/v1/users/2", { name: "Maya Okafor-Ito", phone: "+1 510 555 0199" }],
        ["POST", "/v1/users", { name: "Noor Haddad", email: mailOf(noor), role: "Agent", teamId: 2 }],
      ],
    );
    assert.notEqual(office.user(mailOf(lee)), undefined);
    assert.ok(
      plan.plan.content.heldBack.some((held) => held.label === "Lee Chen"),
      "a review item for a human",
    );
    const next = await office.planFresh(kim, { ...married, ...left }, noor, lee);
    assert.equal((await office.apply(next)).exit, 0);
    assert.equal(office.user(mailOf(maya)), undefined);
    assert.notEqual(office.user(mailOf(lee)), undefined);
  }),
);

test(
  "[FUB-66] a role that HR and the rules no longer give is changed by PUT",
  story(office(0), async (office) => {
    const fub = office.world.emulator(app);
    fub.mutate({ op: "update", kind: "user", id: "3", data: { role: "Admin", isAdmin: true } });
    fub.mutate({
      op: "create",
      kind: "user",
      data: { name: "Olga Owner", email: "olga@harborpine.example", role: "Admin" },
    });
    const plan = await office.planFresh(kim, maya, lee);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const [put] = office.world.effects(app);
    assert.deepEqual([put?.method, put?.path, put?.body], ["PUT", "/v1/users/3", { role: "Agent" }]);
    assert.equal(office.user(mailOf(lee))?.["isAdmin"], false);
  }),
);

test(
  "[FUB-69] a plan with more calls than a window holds says how many and how long",
  story(office(1200), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left }, lee);
    const totals = planTotals(plan.plan.content);
    assert.ok(totals.requests > 1200, `${totals.requests} requests`);
    // 1,000 in 10 minutes: the second window has to come first.
    assert.ok(totals.seconds >= 600, `${totals.seconds} s`);
    assert.ok(totals.seconds < 1800, `${totals.seconds} s`);
  }),
);

test(
  "[FUB-62] 1,200 leads go on over the turn of the window, with no call too many and none lost",
  story(office(1200), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left }, lee);
    const started = office.world.clock.now();
    const first = await office.apply(plan);
    await office.world.until(() => false);
    const result = first.exit === 0 ? first : await office.world.resume(first.run.id);
    assert.equal(result.exit, 0);
    assert.ok(office.world.rows(app, "people").every((lead) => lead["ownerId"] === 1));
    assert.deepEqual(
      office.journal(app).filter((entry) => entry.status === 429),
      [],
    );
    const tookMs = office.world.clock.now() - started;
    assert.ok(tookMs >= 600_000 && tookMs < 3_600_000, `${tookMs} ms`);
  }),
);

test(
  "[FUB-51] no event tells of users: a change is known after the next read, and not before",
  story(office(), async (office) => {
    await office.planFresh(kim, maya, lee);
    office.world.emulator(app).mutate({ op: "update", kind: "user", id: "3", data: { isAdmin: true, role: "Admin" } });
    const open = async (): Promise<readonly string[]> => {
      const { findings } = await office.world.call("findings.list", {
        kinds: [],
        severity: null,
        app: null,
        person: null,
      });
      return findings.map((finding) => finding.kind);
    };
    assert.ok(!(await open()).includes("role-mismatch"));
    const mark = office.mark(app);
    await office.sync();
    assert.ok(office.lines(app, mark).includes("GET /v1/users"));
    assert.ok((await open()).includes("role-mismatch"), (await open()).join());
  }),
);
