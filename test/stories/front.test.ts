/** The three scenarios of Front's document, and its traps, from the roster file to the proof, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../src/kernel/json.ts";
import type { WorldOptions } from "../world.ts";
import { gift, mailOf, stepOf, titles, withOffice, type Hired, type Office } from "./office.ts";

const kim: Hired = { id: "HP-1", first: "Kim", last: "Ito", department: "Support" };
const maya: Hired = { id: "HP-2", first: "Maya", last: "Okafor", department: "Support" };
const noor: Hired = { id: "HP-3", first: "Noor", last: "Haddad", department: "Sales" };
const left = { lastDay: "2026-11-19", status: "Terminated" } as const;
const app = "front";

function teammate(number: number, { first, last, email }: Hired, change: JsonObject = {}): JsonObject {
  return {
    id: `tea_${number}`,
    email: mailOf({ first, last, ...(email === undefined ? {} : { email }) }),
    first_name: first,
    last_name: last,
    ...change,
  };
}

/** Everybody has the inbox, in the team of the department. */
const RULES = [{ name: "inbox", place: "tenure.yaml:11", when: {}, give: { front: gift("Teammate", "{department}") } }];

function office(change: { readonly maya?: JsonObject; readonly settings?: JsonObject } = {}): WorldOptions {
  return {
    data: {
      front: {
        teammates: [
          teammate(1, { id: "", first: "Olga", last: "Owner" }, { is_admin: true }),
          teammate(2, kim),
          teammate(3, maya, change.maya),
        ],
        teams: [
          { id: "tim_1", name: "Support", teammate_ids: ["tea_2", "tea_3"] },
          { id: "tim_2", name: "Sales", teammate_ids: ["tea_1"] },
        ],
      },
    },
    policy: { rules: RULES },
    ...(change.settings === undefined ? {} : { settings: { front: change.settings } }),
  };
}

function story(options: WorldOptions, body: (office: Office) => Promise<void>): () => Promise<void> {
  return () => withOffice(options, body);
}

function blocked(office: Office, one: Hired): unknown {
  return office.teammate(mailOf(one))?.["is_blocked"];
}

test(
  "[FRONT-58] [FRONT-59] [FRONT-60] [FRONT-61] a joiner: POST, the tea_ id, the team, and the team's own list as proof",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, maya, noor);
    const [create, join] = [stepOf(plan, app, "create"), stepOf(plan, app, "join")];
    const mark = office.mark(app);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const log = office.journal(app, mark);
    const [post] = log.filter((entry) => entry.method === "POST");
    assert.equal(post?.path, "/teammates");
    assert.deepEqual(post?.body, { email: mailOf(noor), first_name: "Noor", last_name: "Haddad", is_admin: false });
    const made = await office.world.entry(result, create);
    assert.match(made.accountId ?? "", /^tea_/);
    assert.equal(made.accountId, office.teammate(mailOf(noor))?.["id"]);
    const added = log.findIndex((entry) => entry.method === "POST" && entry.path === "/teams/tim_2/teammates");
    assert.deepEqual(log[added]?.body, { teammate_ids: [made.accountId] });
    assert.ok(log.slice(added).some((entry) => entry.method === "GET" && entry.path === "/teams/tim_2/teammates"));
    assert.equal((await office.world.entry(result, join)).receipt?.readBack, "verified");
    assert.deepEqual(office.teamsOf(mailOf(noor)), ["Sales"]);
    await office.assertSettled();
  }),
);

test(
  "[FRONT-28] the plan says that an invitation goes out before anybody approves; then one goes",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, maya, noor);
    const create = stepOf(plan, app, "create");
    assert.match(create.title, /sends an invitation/);
    assert.ok(create.sideEffects.some((effect) => effect.includes("invitation e-mail")));
    assert.equal(create.approvals, 1);
    assert.equal(plan.state, "needs-approval");
    await office.apply(plan, []);
    assert.deepEqual(office.world.emulator(app).outbox(), []);
    await office.apply(plan, ["ann"]);
    assert.deepEqual(
      office.world
        .emulator(app)
        .outbox()
        .map((mail) => mail.to),
      [mailOf(noor)],
    );
  }),
);

test(
  "[FRONT-62] the record is there at once, though nobody has accepted: invited is another word than active",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, maya, noor);
    const result = await office.apply(plan);
    const entry = await office.world.entry(result, stepOf(plan, app, "create"));
    assert.equal(office.teammate(mailOf(noor))?.["invitation"], "pending");
    assert.equal(entry.attempts.at(-1)?.note, "invited");
    assert.equal(entry.receipt?.readBack, "verified");
    // Whether it is accepted or not: the plan is done, and nobody is invited a second time.
    await office.assertSettled();
    office.world.emulator(app).accept(mailOf(noor));
    await office.assertSettled();
    assert.equal(office.world.emulator(app).outbox().length, 1);
  }),
);

test(
  "[FRONT-64] [FRONT-65] [FRONT-66] [FRONT-32] a leaver: id by address from the list, DELETE, and is_blocked by a read",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left });
    assert.ok(office.lines(app).includes("GET /teammates"));
    const remove = stepOf(plan, app, "remove");
    assert.equal(remove.target.id, "tea_3");
    const mark = office.mark(app);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const log = office.journal(app, mark);
    const deleted = log.findIndex((entry) => entry.method === "DELETE" && entry.path === "/teammates/tea_3");
    assert.equal(log[deleted]?.status, 204);
    // The write's answer has no body: only the read behind it says what became of it.
    const after = log[deleted + 1];
    assert.equal(`${after?.method} ${after?.path} ${after?.status}`, "GET /teammates/tea_3 200");
    assert.deepEqual((await office.world.entry(result, remove)).receipt?.after, { state: "removed" });
    assert.equal(blocked(office, maya), true);
    await office.assertSettled();
  }),
);

test(
  "[FRONT-32] a DELETE that answers 204 and does nothing is not taken for done",
  story(office(), async (office) => {
    await office.world.fault(app, { fault: "F54", method: "DELETE", path: "^/teammates/tea_3$" });
    const plan = await office.planFresh(kim, { ...maya, ...left });
    const result = await office.apply(plan);
    const entry = await office.world.entry(result, stepOf(plan, app, "remove"));
    assert.equal(entry.state, "failed");
    assert.equal(entry.receipt?.readBack, "mismatch");
    assert.equal(blocked(office, maya), false);
  }),
);

test(
  "[FRONT-33] a deactivation keeps the record and its history: the teammate is blocked, not erased",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left });
    assert.ok(stepOf(plan, app, "remove").sideEffects.some((effect) => effect.includes("history")));
    const before = office.teammate(mailOf(maya));
    await office.apply(plan);
    assert.deepEqual(office.teammate(mailOf(maya)), { ...before, is_blocked: true });
  }),
);

test(
  "[FRONT-19] is_blocked is what ends access: one who is blocked already has nothing more to lose",
  story(office({ maya: { is_blocked: true } }), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left });
    assert.deepEqual(titles(plan, app), []);
    const shown = await office.world.call("people.show", { person: mailOf(maya) });
    assert.deepEqual(
      shown.accounts.map((account) => account.state),
      ["removed"],
    );
  }),
);

test(
  "[FRONT-23] the list shows blocked teammates too: they are no active accounts and are not invited anew",
  story(office({ maya: { is_blocked: true } }), async (office) => {
    const plan = await office.planFresh(kim, maya);
    assert.ok(office.world.rows(app, "teammates").some((row) => row["is_blocked"] === true));
    const shown = await office.world.call("people.show", { person: mailOf(maya) });
    assert.deepEqual(
      shown.accounts.map((account) => account.state),
      ["removed"],
    );
    assert.ok(plan.plan.content.steps.every((step) => step.action.verb !== "create"));
  }),
);

test(
  "[FRONT-34] [FRONT-71] a rehire of a blocked teammate is a task for a person, proven by a read; no call unblocks anybody",
  story(office({ maya: { is_blocked: true } }), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, department: "Sales" });
    const task = stepOf(plan, app, "manual");
    assert.match(task.action.verb === "manual" ? task.action.instructions : "", /unblock/i);
    const result = await office.apply(plan);
    assert.equal(result.exit, 8);
    assert.equal((await office.world.entry(result, task)).state, "parked");
    assert.deepEqual(office.world.effects(app), []);
    office.world.emulator(app).mutate({ op: "update", kind: "teammate", id: "tea_3", data: { is_blocked: false } });
    const done = await office.world.resume(result.run.id);
    assert.equal(done.exit, 0);
    const entry = await office.world.entry(done, task);
    assert.equal(entry.receipt?.readBack, "verified");
    assert.ok(office.teamsOf(mailOf(maya)).includes("Sales"));
    assert.ok(office.world.effects(app).every((effect) => effect.path.startsWith("/teams/")));
    await office.assertSettled();
  }),
);

test(
  "[FRONT-34] the plan of a leaver says that there is no way back by API, and asks one person",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, ...left });
    const remove = stepOf(plan, app, "remove");
    assert.equal(remove.undo, "by-hand");
    assert.equal(remove.approvals, 1);
    assert.ok(remove.sideEffects.some((effect) => effect.includes("cannot be undone through the API")));
  }),
);

test(
  "[FRONT-31] a PATCH answers 204 without a word: the name is read back, and only then is it done",
  story(office(), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, last: "Okafor-Ito", email: mailOf(maya) });
    const mark = office.mark(app);
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const log = office.journal(app, mark);
    const patch = log.findIndex((entry) => entry.method === "PATCH");
    assert.equal(log[patch]?.status, 204);
    assert.deepEqual(log[patch]?.body, { last_name: "Okafor-Ito" });
    assert.equal(`${log[patch + 1]?.method} ${log[patch + 1]?.path}`, "GET /teammates/tea_3");
    const entry = await office.world.entry(result, stepOf(plan, app, "update"));
    assert.deepEqual(entry.receipt?.after, { familyName: "Okafor-Ito" });
  }),
);

test(
  "[FRONT-42] [FRONT-72] who is in which team is known from each team's own list, beside the list of teammates",
  story(office(), async (office) => {
    await office.planFresh(kim, maya);
    const read = office.lines(app);
    for (const line of ["GET /teammates", "GET /teams", "GET /teams/tim_1/teammates", "GET /teams/tim_2/teammates"]) {
      assert.ok(read.includes(line), line);
    }
    const shown = await office.world.call("people.show", { person: mailOf(maya) });
    assert.deepEqual(
      shown.accounts.map((account) => account.teams),
      [["Support"]],
    );
    // A mover: the picture tells both teams, and the plan moves exactly between them.
    const plan = await office.planFresh(kim, { ...maya, department: "Sales" });
    assert.deepEqual(titles(plan, app).toSorted(), ["Add to Sales", "Take out of Support"]);
    assert.equal((await office.apply(plan)).exit, 0);
    assert.deepEqual(office.teamsOf(mailOf(maya)), ["Sales"]);
    await office.assertSettled();
  }),
);

const byScim = { provisioning: "scim" };

test(
  "[FRONT-63] [FRONT-55] provisioning by SCIM: nobody is invited, and the team is joined by REST all the same",
  story(office({ settings: byScim }), async (office) => {
    const plan = await office.planFresh(kim, maya, noor);
    assert.ok(!stepOf(plan, app, "create").sideEffects.some((effect) => effect.includes("invitation e-mail")));
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    const effects = office.world.effects(app).map((effect) => `${effect.method} ${effect.path}`);
    assert.deepEqual(effects, ["POST /scim/v2/Users", "POST /teams/tim_2/teammates"]);
    assert.deepEqual(office.world.emulator(app).outbox(), []);
    assert.deepEqual(office.teamsOf(mailOf(noor)), ["Sales"]);
    await office.assertSettled();
  }),
);

test(
  "[FRONT-54] with SCIM too, a changed name goes by REST and is verified there",
  story(office({ settings: byScim }), async (office) => {
    const plan = await office.planFresh(kim, { ...maya, last: "Okafor-Ito", email: mailOf(maya) });
    const result = await office.apply(plan);
    assert.equal(result.exit, 0);
    assert.deepEqual(
      office.world.effects(app).map((effect) => `${effect.method} ${effect.path}`),
      ["PATCH /teammates/tea_3"],
    );
    assert.equal((await office.world.entry(result, stepOf(plan, app, "update"))).receipt?.readBack, "verified");
    assert.equal(office.teammate(mailOf(maya))?.["last_name"], "Okafor-Ito");
  }),
);

test(
  "[FRONT-49] [FRONT-69] what an identity provider makes or deactivates by itself is found by the next read",
  story(office(), async (office) => {
    await office.planFresh(kim, maya, noor);
    const front = office.world.emulator(app);
    const scim = front.document["scim"] as JsonObject;
    const { baseUrl, token } = scim;
    assert.ok(typeof baseUrl === "string" && typeof token === "string");
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" };
    const user = { userName: mailOf(noor), name: { givenName: "Noor", familyName: "Haddad" }, active: true };
    const body = JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], ...user });
    const made = await fetch(`${baseUrl}/Users`, { method: "POST", headers, body });
    assert.equal(made.status, 201);
    const blockedBefore = await fetch(`${baseUrl}/Users/tea_3`, { method: "DELETE", headers });
    assert.equal(blockedBefore.status, 204);
    const known = async (one: Hired): Promise<readonly string[]> =>
      (await office.world.call("people.show", { person: mailOf(one) })).accounts.map((account) => account.state);
    assert.deepEqual([await known(noor), await known(maya)], [[], ["active"]]);
    await office.sync();
    assert.deepEqual([await known(noor), await known(maya)], [["active"], ["removed"]]);
    const plan = await office.plan();
    // Noor's account is hers by its address: only the team is left to give.
    assert.ok(titles(plan, app).includes("Add to Sales"));
    assert.ok(plan.plan.content.steps.every((step) => step.action.verb !== "create"));
  }),
);
