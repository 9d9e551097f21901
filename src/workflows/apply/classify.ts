import type { AppError } from "../../kernel/errors.ts";
import { toIso } from "../../kernel/dates.ts";
import type { Receipt, StepState } from "../../model/run.ts";
import type { Verb } from "../../model/traits.ts";
import type { StepContext } from "./context.ts";
import { readContext, surveyAccounts, type Survey } from "./reads.ts";
import { NO_SEAT } from "./seats.ts";

export interface Refusal {
  readonly state: StepState;
  readonly reason: string;
  readonly receipt: Receipt | null;
  /** No further create of this app makes sense in this run (S22). */
  readonly noSeat: boolean;
}

function refusal(state: StepState, reason: string): Refusal {
  return { state, reason, receipt: null, noSeat: false };
}

/** What an error of a read means for the step, when it does not pass by itself. */
export function classifyRead(context: StepContext, error: AppError): Pick<Refusal, "state" | "reason"> {
  const { step } = context;
  switch (error.code) {
    case "auth":
    case "forbidden":
      return { state: "parked", reason: credentialWords(context, error) };
    case "not_found":
      return { state: "stale", reason: `${step.target.label} is not there any more: plan again` };
    case "stale":
      return { state: "stale", reason: error.message };
    case "internal":
      return { state: "failed", reason: `Tenure itself failed at this step and stopped it: ${error.message}` };
    default:
      return { state: "failed", reason: error.message };
  }
}

/** What a clear refusal of the app means for the step; where words and statuses differ, the state decides. */
export async function classifyRefusal(context: StepContext, error: AppError): Promise<Refusal> {
  const { step, connection } = context;
  const isCreate = step.action.verb === "create";
  switch (error.code) {
    case "auth":
      return refusal("parked", credentialWords(context, error));
    case "forbidden":
      return isCreate ? classifyCreate(context, error) : refusal("parked", credentialWords(context, error));
    case "unsupported":
      await switchOff(context, error.message);
      return refusal("parked", offWords(context, error.message));
    case "seat_limit":
    case "conflict":
    case "invalid":
      if (isCreate) return classifyCreate(context, error);
      if (error.code === "conflict") return refusal("stale", `${error.message}: plan again`);
      return refusal("failed", `${connection.appName} refused it: ${error.message}`);
    default:
      return { ...refusal("failed", ""), ...classifyRead(context, error) };
  }
}

function credentialWords({ connection }: StepContext, error: AppError): string {
  return `${connection.appName} refused the credential: ${error.message}. Mend it, run tenure apps test ${connection.name}, then resume`;
}

/** Why a verb that is switched off is not tried: the next plan makes it a manual step. */
export function offWords({ connection }: StepContext, why: string): string {
  return `${connection.appName} does not offer this by API (${why}). Do it in its admin page, then plan again`;
}

async function classifyCreate(context: StepContext, error: AppError): Promise<Refusal> {
  const { step, connection } = context;
  const survey = await surveyAccounts(connection, step.target.email ?? "", readContext(context));
  const [found] = survey.found;
  if (found !== undefined) {
    const reason = `${connection.appName} already has an account with this address (${found.id}): plan again`;
    return refusal("stale", reason);
  }
  if (lacksSeat(context, error, survey)) {
    const reason = `${connection.appName} has no seat left. Buy a seat or free one, then plan again`;
    const receipt: Receipt = { readBack: "unverified", readAt: null, before: null, after: null, note: NO_SEAT };
    return { state: "failed", reason, receipt, noSeat: true };
  }
  if (error.code === "forbidden") return refusal("parked", credentialWords(context, error));
  const hidden = hidesAccounts(context);
  const why = hidden ? " A deactivated account that its list hides may hold the address: look in its admin page." : "";
  return refusal(hidden ? "parked" : "failed", `${connection.appName} refused it: ${error.message}.${why}`);
}

function hidesAccounts({ connection }: StepContext): boolean {
  return Object.values(connection.traits.kinds).some((kind) => kind.noun === "account" && kind.hidesInactive);
}

/** Words that vendors use when the paid places are taken; they count only where the state cannot tell. */
const SEAT_WORDS = /\bseats?\b|\blicen[cs]es?\b|\blimit of \d+|\b(reached|exceed\w*)\b.*\blimit\b|\bupgrade\b/i;

function lacksSeat({ connection, ...context }: StepContext, error: AppError, survey: Survey): boolean {
  if (error.code === "seat_limit") return true;
  if ((connection.traits.verbs.create?.seat ?? 0) < 1) return false;
  const { seats } = connection.policy;
  if (seats !== null && survey.seats >= seats) return true;
  // Every account that takes a seat was counted, and there are fewer than were bought: it was something else.
  if (seats !== null && !hidesAccounts({ connection, ...context })) return false;
  return error.details["status"] === 402 || SEAT_WORDS.test(error.message);
}

/** A write route that does not exist is not tried again on this connection; the next plan makes it a manual step. */
async function switchOff(context: StepContext, words: string): Promise<void> {
  const { store, clock, log } = context.deps;
  const { name } = context.connection;
  const verb = context.step.action.verb as Verb;
  const known = await store.connections.get(name);
  const at = toIso(clock.now());
  await store.connections.put({
    connection: name,
    off: { ...known?.off, [verb]: `${at}: ${words}` },
    keyOwner: known?.keyOwner ?? null,
    health: known?.health ?? null,
    updatedAt: at,
  });
  log.warn("capability switched off", { connection: name, verb, error: words });
}
