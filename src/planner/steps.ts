import { toIso } from "../kernel/dates.ts";
import { deriveId } from "../kernel/ids.ts";
import { canonicalJson, type JsonObject, toJson } from "../kernel/json.ts";
import type { Action, LossPreview, ManualProof, Reason, Step, Target } from "../model/plan.ts";
import type { RemoveTraits, Traits, Undo, Verb, VerbTraits } from "../model/traits.ts";
import type { AccountNode } from "../graph/graph.ts";
import { can, type AppScene } from "./scene.ts";
import { titleOf } from "./titles.ts";

/** People whose access ends come first, then those who change, then those who start. */
export type Rank = "leaver" | "mover" | "joiner";

/** A step before it has a number, a cost and approvals, which need the whole plan. */
export interface Draft extends Omit<Step, "number" | "cost" | "approvals"> {
  readonly rank: Rank;
  /** Steps of one group stand or fall together: without one of them the others are not done either. */
  readonly group: string;
  /** The account as the graph has it, for the guards; null for one that is still to be made. */
  readonly account: AccountNode | null;
  /** Makes a new account, by call or by a person's hand. */
  readonly makes: boolean;
  /** Gives the administration of the app to someone. */
  readonly elevates: boolean;
}

/** What the steps of one person in one app have in common. */
export interface DraftContext {
  readonly app: AppScene;
  readonly rank: Rank;
  readonly person: string | null;
  readonly personLabel: string | null;
  readonly group: string;
  readonly reason: Reason;
  /** The roster facts that the steps rest on (safety A16). */
  readonly fact: JsonObject;
  /** Epoch milliseconds; null: at once. */
  readonly notBefore: number | null;
}

export interface DraftSpec {
  readonly target: Target;
  readonly action: Action;
  readonly after: JsonObject;
  /** Before-image of the account; null: nothing is expected of it. */
  readonly before?: JsonObject | null;
  readonly expect?: "absent" | "exists" | "none";
  readonly noHoldings?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly loss?: LossPreview | null;
  /** Takes access away; by default what the verb says. */
  readonly destructive?: boolean;
  readonly elevates?: boolean;
  /** Whether the account occupies a seat before the step; then a verb that frees one does. */
  readonly seated?: boolean;
  readonly account?: AccountNode | null;
  readonly notBefore?: number | null;
  /** Words that only the caller knows: names behind ids, values before. */
  readonly title?: string;
  /** A task for a person although the connection has the verb. */
  readonly manual?: boolean;
  /** What a person is told to do, where it is not what the step's title says. */
  readonly instructions?: string | null;
}

/** Which verb of the connector does the action; null for a check and for what a person does. */
export function verbOf(action: Action): Verb | null {
  return action.verb === "verifyNone" || action.verb === "manual" ? null : action.verb;
}

/** The account's state once the app's removal is done, as `accountImage` names it. */
export function afterRemoval(remove: RemoveTraits | null): JsonObject {
  return remove?.effect === "deactivate" ? { state: "removed" } : { exists: false };
}

function takesAway(action: Action): boolean {
  return (
    action.verb === "suspend" ||
    action.verb === "remove" ||
    action.verb === "leave" ||
    action.verb === "revokeInvitation"
  );
}

/** A verb that is done by hand has no traits: what is gone for good by API is gone for good by hand too. */
function undoOf(verb: Verb, traits: Traits): Undo {
  const known = traits.verbs[verb];
  if (known !== undefined) return known.undo;
  // Letting somebody back in is taken back by cutting them off again.
  if (verb === "reactivate" && (traits.verbs.suspend ?? traits.verbs.remove) !== undefined) return "api";
  if (verb === "remove") return traits.remove?.effect === "deactivate" ? traits.reactivate : "never";
  return "by-hand";
}

function seatOf(verb: VerbTraits | null, seated: boolean): -1 | 0 | 1 {
  if (verb === null || (verb.seat === -1 && !seated) || (verb.seat === 1 && seated)) return 0;
  return verb.seat;
}

/** What of the action makes the step another step: a count that changes does not. */
function identityOf(action: Action): string {
  if (action.verb === "transfer") return `transfer ${action.holding} ${action.to.id ?? action.to.email ?? ""}`;
  if (action.verb === "manual") return `manual ${action.instructions}`;
  return canonicalJson(toJson(action));
}

/** Makes the step; where the connection lacks the verb, the manual step that stands for it, with the same place in the order. */
export function draftStep(context: DraftContext, spec: DraftSpec): Draft {
  const { app } = context;
  const wanted = verbOf(spec.action);
  const byHand = wanted !== null && (spec.manual === true || !can(app, wanted));
  const action = byHand ? manualFor(context, spec) : spec.action;
  const traits = wanted === null || byHand ? null : (app.traits.verbs[wanted] ?? null);
  const notBefore = spec.notBefore === undefined ? context.notBefore : spec.notBefore;
  const { target } = spec;
  return {
    id: deriveId(
      "stp",
      app.name,
      context.person ?? "",
      target.kind,
      target.id ?? target.email ?? "",
      identityOf(action),
    ),
    rank: context.rank,
    group: context.group,
    account: spec.account ?? null,
    makes: wanted === "create",
    elevates: spec.elevates ?? false,
    app: app.name,
    appName: app.appName,
    person: context.person,
    personLabel: context.personLabel,
    target,
    action,
    title: byHand ? `By hand: ${lowered(plannedTitle(app, spec))}` : plannedTitle(app, spec),
    reason: context.reason,
    precondition: {
      expect: action.verb === "manual" ? "none" : (spec.expect ?? "exists"),
      fields: action.verb === "manual" ? {} : (spec.before ?? {}),
      noHoldings: spec.noHoldings ?? [],
      person: context.fact,
    },
    after: spec.after,
    dependsOn: [...new Set(spec.dependsOn ?? [])].sort(),
    undo: wanted === null ? "api" : undoOf(wanted, app.traits),
    seat: wanted === null ? 0 : seatOf(app.traits.verbs[wanted] ?? null, spec.seated ?? false),
    loss: spec.loss ?? null,
    sideEffects: traits?.sideEffects ?? [],
    destructive: spec.destructive ?? takesAway(spec.action),
    notBefore: notBefore === null ? null : toIso(notBefore),
  };
}

function plannedTitle(app: AppScene, spec: DraftSpec): string {
  return spec.title ?? titleOf(app, spec.target, spec.action);
}

function lowered(title: string): string {
  return title.slice(0, 1).toLowerCase() + title.slice(1);
}

/** The last of these steps: whoever waits for them waits for all. */
export function endsOf(drafts: readonly Draft[]): readonly string[] {
  const waitedFor = new Set(drafts.flatMap((draft) => draft.dependsOn));
  return drafts.map((draft) => draft.id).filter((id) => !waitedFor.has(id));
}

/** The same action as a task for a person; the read that closes it is that of the action itself. */
function manualFor(context: DraftContext, spec: DraftSpec): Action {
  const task =
    spec.instructions ?? `In the admin page of ${context.app.appName}: ${lowered(plannedTitle(context.app, spec))}.`;
  const instructions = `${task} (${spec.target.label}, ${spec.target.email ?? spec.target.id ?? "no address"})`;
  return { verb: "manual", instructions, proof: proofOf(spec) };
}

function proofOf(spec: DraftSpec): ManualProof {
  switch (spec.action.verb) {
    case "create":
      return { kind: "exists" };
    case "reactivate":
      return { kind: "state", state: "active" };
    case "suspend":
      return { kind: "state", state: "suspended" };
    default:
      return { kind: spec.after["exists"] === false ? "gone" : "after" };
  }
}
