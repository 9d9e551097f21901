import assert from "node:assert/strict";
import { present, unreachable } from "../../kernel/assert.ts";
import { parseIso } from "../../kernel/dates.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { AccountRecord } from "../../model/account.ts";
import { accountImage, imageDifferences } from "../../model/image.ts";
import type { Action, PlanContent, Step } from "../../model/plan.ts";
import type { Company, TestApp } from "./company.ts";

/**
 * Does a plan to a test company as the apps would: in its order, each step only when what it depends on is done and its
 * before-image holds, and checks after it that the read-back would show what the step promises.
 */
export function simulate(company: Company, content: Pick<PlanContent, "steps">): Company {
  const made = new Map<string, string>();
  const done = new Set<string>();
  let world = company;
  for (const step of content.steps) {
    for (const id of step.dependsOn) assert.ok(done.has(id), `step ${step.number} comes before one it depends on`);
    const at = step.notBefore === null ? world.now : (parseIso(step.notBefore) ?? world.now);
    world = { ...world, now: Math.max(world.now, at) };
    const app = present(
      world.apps.find((one) => one.name === step.app),
      `app ${step.app}`,
    );
    const id = step.target.id ?? (step.target.madeBy === null ? null : (made.get(step.target.madeBy) ?? null));
    checkBefore(app, step, id);
    const changed = step.action.verb === "manual" ? doByHand(app, step, id) : perform(app, step, step.action, id);
    const own = id ?? changed.made;
    if (changed.made !== null) made.set(step.id, changed.made);
    checkAfter(changed.app, step, own);
    done.add(step.id);
    world = { ...world, apps: world.apps.map((one) => (one.name === app.name ? changed.app : one)) };
  }
  return world;
}

function find(app: TestApp, id: string | null): AccountRecord | null {
  return app.accounts.find((record) => record.id === id) ?? null;
}

/** The image a read by id gives: what the app hides from its list, a read by id still shows. */
function imageOf(app: TestApp, id: string | null): JsonObject {
  return accountImage(find(app, id));
}

function checkBefore(app: TestApp, step: Step, id: string | null): void {
  const where = `step ${step.number} (${step.title})`;
  if (step.precondition.expect === "absent") {
    const taken = app.accounts.find((record) => record.email === step.target.email);
    assert.equal(taken, undefined, `${where}: the address is taken`);
  }
  if (step.precondition.expect === "exists" && step.action.verb !== "revokeInvitation") {
    const image = imageOf(app, id);
    assert.equal(image["exists"], true, `${where}: its account is not there`);
    const moved = imageDifferences(image, step.precondition.fields);
    assert.deepEqual(moved, [], `${where}: before-image differs`);
  }
  for (const kind of step.precondition.noHoldings) {
    const left = app.holdings.filter((held) => held.kind === kind && held.owner === id);
    assert.equal(left.length, 0, `${where}: ${left.length} ${kind} are left`);
  }
}

function checkAfter(app: TestApp, step: Step, id: string | null): void {
  const { member, notMember, holdings, ...fields } = step.after;
  const isIn = (team: unknown): boolean => app.memberships.some((one) => one.id === id && one.team === team);
  if (member !== undefined) assert.ok(isIn(member), `step ${step.number}: did not join`);
  if (notMember !== undefined) assert.ok(!isIn(notMember), `step ${step.number}: did not leave`);
  if (holdings !== undefined)
    assert.ok(!app.holdings.some((held) => held.owner === id), `step ${step.number}: holdings left`);
  if (step.action.verb === "revokeInvitation") return;
  assert.deepEqual(
    imageDifferences(imageOf(app, id), fields),
    [],
    `step ${step.number} (${step.title}): read-back differs`,
  );
}

interface Changed {
  readonly app: TestApp;
  readonly made: string | null;
}

function change(app: TestApp, id: string | null, fields: Partial<AccountRecord>): Changed {
  const accounts = app.accounts.map((record) => (record.id === id ? { ...record, ...fields } : record));
  return { app: { ...app, accounts }, made: null };
}

function perform(app: TestApp, step: Step, action: Exclude<Action, { verb: "manual" }>, id: string | null): Changed {
  switch (action.verb) {
    case "create":
      return create(app, action);
    case "update":
      return change(app, id, updated(present(find(app, id), "the account"), action.changes));
    case "suspend":
      return change(app, id, { state: "suspended" });
    case "reactivate":
      return change(app, id, { state: "active", takesSeat: true });
    case "remove":
      return remove(app, id);
    case "join":
      return join(app, id, action.team.id);
    case "leave":
      return leave(app, id, action.team.id);
    case "assignRole": {
      const privileged = app.traits.roles.privileged.includes(action.role);
      return change(app, id, { roles: [action.role], privileged });
    }
    case "transfer": {
      const to = present(action.to.id, "the new owner");
      assert.equal(find(app, to)?.state, "active", `step ${step.number}: the new owner is not active`);
      const holdings = app.holdings.map((held) =>
        held.owner === id && held.kind === action.holding ? { ...held, owner: to } : held,
      );
      return { app: { ...app, holdings }, made: null };
    }
    case "verifyNone":
      return { app, made: null };
    case "revokeInvitation":
      return { app: { ...app, invitations: app.invitations.filter((one) => one.id !== id) }, made: null };
    case "convert":
      throw new assert.AssertionError({ message: "no test app converts" });
    default:
      return unreachable(action);
  }
}

function create(app: TestApp, action: Extract<Action, { verb: "create" }>): Changed {
  const { draft } = action;
  const traits = present(app.traits.create, "create traits");
  const numbers = app.accounts.map((record) => Number(record.id.replace(/\D/gu, "")));
  const prefix = app.accounts[0]?.id.replace(/\d.*$/u, "") ?? "";
  const id = `${prefix}${Math.max(0, ...numbers) + 1}`;
  const role = draft.role ?? app.traits.roles.standard;
  const record: AccountRecord = {
    noun: "account",
    kind: traits.kind,
    id,
    email: draft.email,
    aliases: [],
    displayName: draft.displayName,
    givenName: app.traits.singleName ? null : draft.givenName,
    familyName: app.traits.singleName ? null : draft.familyName,
    phone: app.traits.writable.includes("phone") ? draft.phone : null,
    state: traits.outcome,
    privileged: role !== null && app.traits.roles.privileged.includes(role),
    owner: false,
    human: true,
    takesSeat: true,
    roles: role === null ? [] : [role],
    teams: app.traits.teams.toldBy === "account" ? draft.teams : null,
    createdAt: "2026-11-20T12:00:00.000Z",
    updatedAt: null,
    invitedAt: null,
    attributes: draft.attributes,
    oddities: [],
    raw: {},
  };
  return { app: { ...app, accounts: [...app.accounts, record] }, made: id };
}

function updated(record: AccountRecord, changes: JsonObject): Partial<AccountRecord> {
  const core = ["displayName", "givenName", "familyName", "email", "phone"];
  const fields = Object.entries(changes).filter(([field]) => core.includes(field));
  const attributes = Object.entries(changes).filter(([field]) => !core.includes(field));
  return { ...Object.fromEntries(fields), attributes: { ...record.attributes, ...Object.fromEntries(attributes) } };
}

function remove(app: TestApp, id: string | null): Changed {
  if (app.traits.remove?.effect === "deactivate") return change(app, id, { state: "removed", takesSeat: false });
  return { app: { ...app, accounts: app.accounts.filter((record) => record.id !== id) }, made: null };
}

function join(app: TestApp, id: string | null, team: string): Changed {
  if (app.traits.teams.toldBy === "members") {
    const memberships = [...app.memberships, { noun: "membership", kind: "membership", id: id ?? "", team } as const];
    return { app: { ...app, memberships }, made: null };
  }
  const before = find(app, id)?.teams ?? [];
  return change(app, id, { teams: app.traits.teams.perAccount === "one" ? [team] : [...before, team] });
}

function leave(app: TestApp, id: string | null, team: string): Changed {
  const memberships = app.memberships.filter((one) => one.id !== id || one.team !== team);
  const teams = find(app, id)?.teams?.filter((one) => one !== team) ?? null;
  return change({ ...app, memberships }, id, { teams });
}

/** A person does the task in the admin page; what the proof asks for is then so. */
function doByHand(app: TestApp, step: Step, id: string | null): Changed {
  const { after } = step;
  if (typeof after["member"] === "string") return join(app, id, after["member"]);
  if (typeof after["notMember"] === "string") return leave(app, id, after["notMember"]);
  if (after["exists"] === false)
    return { app: { ...app, accounts: app.accounts.filter((record) => record.id !== id) }, made: null };
  if (after["state"] === "active") return change(app, id, { state: "active", takesSeat: true });
  if (after["state"] === "suspended") return change(app, id, { state: "suspended" });
  if (after["state"] === "removed") return change(app, id, { state: "removed", takesSeat: false });
  return change(app, id, updated(present(find(app, id), "the account"), after));
}
