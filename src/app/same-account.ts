import { canonicalEmail } from "../kernel/email.ts";
import { AppError, isAppError } from "../kernel/errors.ts";
import type { AccountRecord } from "../model/account.ts";
import type { Plan } from "../model/plan.ts";
import { connectionNamed, type UseCaseContext } from "./context.ts";

/** How many known accounts are looked at before a credential is taken for another account's. */
const MOST_LOOKS = 3;

/**
 * Refuses a plan whose credential opens another vendor account than the one it was made from: looks at accounts that the
 * plan does not touch, by id and address. One that is there settles it, at the cost of one request an app.
 */
export async function refuseOtherAccount(context: UseCaseContext, plan: Plan): Promise<void> {
  const apps = new Set(plan.content.steps.map((step) => step.app));
  const touched = new Set(plan.content.steps.map((step) => `${step.app}/${step.target.id ?? ""}`));
  for (const app of apps) {
    const known = (await context.store.snapshots.current(app))
      .map((row) => row.observation)
      .filter((one): one is AccountRecord => one.noun === "account" && one.human && one.state === "active")
      .filter((one) => !touched.has(`${app}/${one.id}`))
      .slice(0, MOST_LOOKS);
    if (known.length < MOST_LOOKS || (await someIsThere(context, app, known))) continue;
    throw new AppError(
      "stale",
      `${app} answers with other accounts than the plan was made from: its credential seems to open another account. Nothing was done\n` +
        `Check it: tenure apps test ${app}`,
    );
  }
}

async function someIsThere(context: UseCaseContext, app: string, known: readonly AccountRecord[]): Promise<boolean> {
  const { connector } = connectionNamed(context, app);
  const call = { signal: context.options.signal, lane: "normal" as const, beforeSend: null };
  for (const one of known) {
    try {
      const now = await connector.get({ kind: one.kind, id: one.id }, call);
      if (now !== null && sameAddress(now.email, one.email)) return true;
    } catch (error) {
      // An app that cannot answer now is the steps' matter: they wait, or end with what to mend.
      if (isAppError(error, "canceled", "storage", "internal")) throw error;
      return true;
    }
  }
  return false;
}

function sameAddress(left: string | null, right: string | null): boolean {
  if (left === null || right === null) return left === right;
  return canonicalEmail(left) === canonicalEmail(right);
}
