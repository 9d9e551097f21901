import type { Draft } from "../steps.ts";

/** A step of a plan in the making, for tests of what works on steps; what is not said is a harmless suspend. */
export function makeDraft(id: string, fields: Partial<Draft> = {}): Draft {
  return {
    id,
    rank: "leaver",
    group: id,
    account: null,
    makes: false,
    elevates: false,
    app: "crm",
    appName: "Rolodex",
    person: "per_1",
    personLabel: "Maya Okafor",
    target: { kind: "user", id: "1", madeBy: null, email: null, label: "Maya Okafor" },
    action: { verb: "suspend" },
    title: `Step ${id}`,
    reason: { kind: "command", text: "test", ref: "test" },
    precondition: { expect: "exists", fields: {}, noHoldings: [], person: {} },
    after: {},
    dependsOn: [],
    undo: "api",
    seat: 0,
    loss: null,
    sideEffects: [],
    destructive: false,
    notBefore: null,
    ...fields,
  };
}
