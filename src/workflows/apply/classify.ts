import type { AppError } from "../../kernel/errors.ts";
import { toIso } from "../../kernel/dates.ts";
import type { StepState } from "../../model/run.ts";
import type { Verb } from "../../model/traits.ts";
import type { StepContext } from "./context.ts";
import { accountsWithEmail, readContext } from "./reads.ts";

/** Marks a refusal for want of seats in the receipt, so that no further create is sent in this run (S22). */
export const NO_SEAT = "no seat left";

export interface Refusal {
  readonly state: StepState;
  readonly reason: string;
  readonly note: string | null;
}

/** What a clear refusal of the app means for the step; where words and statuses differ, the state decides. */
export async function classifyRefusal(context: StepContext, error: AppError): Promise<Refusal> {
  const { step, connection } = context;
  const words = error.message;
  switch (error.code) {
    case "auth":
    case "forbidden":
      return {
        state: "parked",
        reason: `${connection.appName} refused the credential: ${words}. Mend it, run tenure apps test ${connection.name}, then resume`,
        note: null,
      };
    case "unsupported":
      await switchOff(context, words);
      return {
        state: "parked",
        reason: `${connection.appName} does not offer this by API (${words}). Do it in its admin page, then plan again`,
        note: null,
      };
    case "not_found":
      return { state: "stale", reason: `${step.target.label} is not there any more: plan again`, note: null };
    case "seat_limit":
    case "conflict":
    case "invalid":
      if (step.action.verb === "create") return classifyCreate(context, error);
      if (error.code === "conflict") return { state: "stale", reason: `${words}: plan again`, note: null };
      return { state: "failed", reason: `${connection.appName} refused it: ${words}`, note: null };
    default:
      return { state: "failed", reason: words, note: null };
  }
}

async function classifyCreate(context: StepContext, error: AppError): Promise<Refusal> {
  const { step, connection } = context;
  const email = step.target.email ?? "";
  const [found] = await accountsWithEmail(connection, email, readContext(context));
  if (found !== undefined) {
    return {
      state: "stale",
      reason: `${connection.appName} already has an account with this address (${found.id}): plan again`,
      note: null,
    };
  }
  if (error.code === "seat_limit") {
    return {
      state: "failed",
      reason: `${connection.appName} has no seat left. Buy a seat or free one, then plan again`,
      note: NO_SEAT,
    };
  }
  const hidden = Object.values(connection.traits.kinds).some((kind) => kind.noun === "account" && kind.hidesInactive);
  const why = hidden ? " A deactivated account that its list hides may hold the address: look in its admin page." : "";
  return {
    state: hidden ? "parked" : "failed",
    reason: `${connection.appName} refused it: ${error.message}.${why}`,
    note: null,
  };
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
