import { canonicalEmail } from "../../kernel/email.ts";
import { toJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { AccountRecord } from "../../model/account.ts";
import { accountImage, imageDifferences, pickImage } from "../../model/image.ts";
import type { StepContext } from "./context.ts";
import { accountsWithEmail, isMember, listHoldings, membershipKind, readContext } from "./reads.ts";

/** The target as a read shows it now. */
export interface View {
  readonly record: AccountRecord | null;
  readonly image: JsonObject;
}

export async function viewTarget(context: StepContext, id: string): Promise<View> {
  const record = await context.connection.connector.get({ kind: context.step.target.kind, id }, readContext(context));
  return { record, image: accountImage(record) };
}

/** Whether what the step wants is so: by the account's own record, or by the team's members where only they tell. */
export async function desiredHolds(
  context: StepContext,
  id: string,
  view: View,
): Promise<{ readonly holds: boolean; readonly seen: JsonObject; readonly differences: readonly string[] }> {
  const { after } = context.step;
  const kind = membershipKind(context.connection);
  const team = after["member"] ?? after["notMember"];
  if (kind !== null && typeof team === "string") {
    const member = view.record !== null && (await isMember(context.connection, kind, team, id, readContext(context)));
    const holds = member === (after["member"] !== undefined);
    return { holds, seen: member ? { member: team } : { notMember: team }, differences: holds ? [] : ["teams"] };
  }
  const differences = imageDifferences(view.image, after);
  return { holds: differences.length === 0, seen: pickImage(view.image, after), differences };
}

export type Precheck =
  /** `image`: the whole account as it was just before; null when there is none yet. */
  | { readonly kind: "go"; readonly before: JsonObject | null; readonly image: JsonObject | null }
  | { readonly kind: "already"; readonly seen: JsonObject; readonly view: View }
  | { readonly kind: "stale"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "holdings"; readonly holding: string; readonly count: number };

/** A fresh read just before the write: only what the plan saw is acted on (S5, S6). */
export async function precheck(context: StepContext): Promise<Precheck> {
  const { step, connection } = context;
  const fact = await movedFact(context);
  if (fact !== null) return { kind: "stale", reason: fact };
  if (step.precondition.expect === "none") return { kind: "go", before: null, image: null };
  if (step.precondition.expect === "absent") return checkAbsent(context);
  if (context.targetId === null) {
    return { kind: "refused", reason: "the account that this step works on was never made: see the step before" };
  }
  const view = await viewTarget(context, context.targetId);
  const desired = await desiredHolds(context, context.targetId, view);
  if (desired.holds) return { kind: "already", seen: desired.seen, view };
  if (view.record === null) {
    return { kind: "stale", reason: `${step.target.label} is no longer in ${connection.appName}: plan again` };
  }
  if (view.record.owner && step.destructive) {
    return {
      kind: "refused",
      reason: `${step.target.label} owns the ${connection.appName} account and cannot be taken out`,
    };
  }
  const moved = movedFields(context, view);
  if (moved.length > 0) {
    return {
      kind: "stale",
      reason: `${step.target.label} changed after the plan was made (${moved.join(", ")}): plan again`,
    };
  }
  for (const holding of step.precondition.noHoldings) {
    const owner = { kind: step.target.kind, id: context.targetId };
    const left = await listHoldings(connection, holding, owner, readContext(context));
    if (left.length > 0) return { kind: "holdings", holding, count: left.length };
  }
  const before = pickImage(view.image, { ...step.precondition.fields, ...step.after });
  return { kind: "go", before, image: view.image };
}

/** Fields that nobody may lose beside a step; an app may clear what a write leaves out (safety D19). */
const WATCHED = ["email", "displayName", "givenName", "familyName", "phone", "state", "roles", "teams"] as const;
const NAMES: readonly string[] = ["displayName", "givenName", "familyName"];

/** What the account shows otherwise than before, though the step does not speak of it; in words for people. */
export function alsoChanged(context: StepContext, before: JsonObject, view: View): readonly string[] {
  const { after } = context.step;
  const spoken = Object.keys(after).some((key) => NAMES.includes(key))
    ? [...NAMES, ...Object.keys(after)]
    : Object.keys(after);
  if (view.record === null) return [];
  return WATCHED.filter(
    (field) => !spoken.includes(field) && imageDifferences(view.image, { [field]: before[field] ?? null }).length > 0,
  ).map((field) => `${field} (was ${words(before[field])}, is ${words(view.image[field])})`);
}

function words(value: JsonValue | undefined): string {
  if (value === undefined || value === null || value === "") return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The roster fact that caused the step, read again: a leaver whose contract was extended is no leaver (safety A16). */
export async function movedFact(context: StepContext): Promise<string | null> {
  const { step, deps } = context;
  if (step.person === null || Object.keys(step.precondition.person).length === 0) return null;
  const person = await deps.store.people.get(step.person);
  if (person === null) return `${step.personLabel ?? "the person"} is no longer in any roster: plan again`;
  const moved = imageDifferences(toJson(person) as JsonObject, step.precondition.person);
  if (moved.length === 0) return null;
  return `the roster changed after the plan was made (${moved.join(", ")} of ${step.personLabel ?? step.person}): plan again`;
}

/** Fields in which the account is not the one that the plan saw; its address always counts (B12). */
export function movedFields(context: StepContext, view: View): readonly string[] {
  const { step } = context;
  const expected: Record<string, JsonObject[string]> = { ...step.precondition.fields };
  if (step.target.email !== null) expected["email"] = canonicalEmail(step.target.email) ?? step.target.email;
  return imageDifferences(view.image, expected);
}

async function checkAbsent(context: StepContext): Promise<Precheck> {
  const { step, connection } = context;
  // Where the document promises that a second create is refused, that refusal is the check and costs no read.
  if (connection.traits.create?.refusesDuplicates === true || step.target.email === null) {
    return { kind: "go", before: { exists: false }, image: null };
  }
  const [found] = await accountsWithEmail(connection, step.target.email, readContext(context));
  if (found === undefined) return { kind: "go", before: { exists: false }, image: null };
  return {
    kind: "stale",
    reason: `${connection.appName} already has an account with this address (${found.id}, ${found.state}): plan again`,
  };
}
