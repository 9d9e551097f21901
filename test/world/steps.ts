import { canonicalEmail } from "../../src/kernel/email.ts";
import { deriveId } from "../../src/kernel/ids.ts";
import type { JsonObject } from "../../src/kernel/json.ts";
import type { AccountDraft } from "../../src/model/account.ts";
import type { Person } from "../../src/model/person.ts";
import type { Action, Step, Target } from "../../src/model/plan.ts";
import type { AppId } from "./connect.ts";

const NAMES: Readonly<Record<AppId, string>> = { followupboss: "Follow Up Boss", front: "Front" };
const KINDS: Readonly<Record<AppId, string>> = { followupboss: "user", front: "teammate" };

/** What a test says of a step; the rest is as in most steps. */
export type StepGiven = Partial<Omit<Step, "target" | "precondition">> & {
  readonly app: AppId;
  readonly action: Action;
  readonly after: JsonObject;
  readonly target: Partial<Target>;
  readonly precondition?: Partial<Step["precondition"]>;
};

/** A step as a planner would make it, with what the test says. */
export function makeStep(given: StepGiven): Step {
  const { app, action, target } = given;
  const email = target.email ?? null;
  const about = `${app} ${target.id ?? email ?? ""} ${JSON.stringify(action)}`;
  return {
    id: deriveId("stp", about),
    number: 1,
    appName: NAMES[app],
    person: null,
    personLabel: null,
    title: `${action.verb} ${target.id ?? email ?? ""}`,
    reason: { kind: "command", text: "a test", ref: "test" },
    dependsOn: [],
    undo: "api",
    cost: { requests: 1, seconds: 1 },
    seat: 0,
    loss: null,
    sideEffects: [],
    approvals: 0,
    destructive: action.verb === "suspend" || action.verb === "remove" || action.verb === "leave",
    notBefore: null,
    ...given,
    target: { kind: KINDS[app], id: null, madeBy: null, email, label: email ?? "somebody", ...target },
    precondition: {
      expect: action.verb === "create" ? "absent" : "exists",
      fields: {},
      noHoldings: [],
      person: {},
      ...given.precondition,
    },
  };
}

/** A person as a roster import leaves one. */
export function personOf(email: string, change: Partial<Person> = {}): Person {
  const [given = "", family = ""] = (email.split("@")[0] ?? "").split(".");
  const key = canonicalEmail(email);
  if (key === null) throw new Error(`${email} is no address`);
  return {
    id: deriveId("per", email),
    source: "hr",
    importId: "imp_1",
    listed: true,
    key: email,
    email,
    emailKey: key,
    aliases: [],
    givenName: given,
    familyName: family,
    displayName: `${given} ${family}`,
    status: "active",
    startDate: null,
    lastDay: null,
    accessEndsAt: null,
    zone: "America/Los_Angeles",
    department: null,
    title: null,
    office: null,
    workerType: null,
    manager: null,
    phone: null,
    row: 2,
    ...change,
  };
}

/** Steps numbered in their order. */
export function numbered(...steps: readonly Step[]): readonly Step[] {
  return steps.map((step, index) => ({ ...step, number: index + 1 }));
}

export function draftOf(email: string, change: Partial<AccountDraft> = {}): AccountDraft {
  const [given = "", family = ""] = (email.split("@")[0] ?? "").split(".");
  return {
    email,
    displayName: `${given} ${family}`,
    givenName: given,
    familyName: family,
    phone: null,
    role: null,
    teams: [],
    attributes: {},
    ...change,
  };
}
