import type { PlanResult } from "../../app/contract.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Invocation } from "../invocation.ts";
import { counted } from "../output/text.ts";

/**
 * Asks before something is taken away: y/N, and the plan's name where a step cannot be undone. Without a terminal it
 * refuses instead of asking (`usage`). Plans that only add are not asked about: they were shown and named.
 */
export async function confirmPlan(invocation: Invocation, view: PlanResult): Promise<boolean> {
  const destructive = view.plan.content.steps.filter((step) => step.destructive);
  if (destructive.length === 0) return true;
  const forGood = view.totals.irreversible;
  const what =
    forGood > 0
      ? `${view.label} takes access away in ${counted(destructive.length, "step")}, ${forGood} of them for good`
      : `${view.label} takes access away in ${counted(destructive.length, "step")}`;
  const { host, settings } = invocation;
  if (!settings.input || !host.terminal.inIsTerminal) {
    throw new AppError(
      "usage",
      `${what}, and there is no terminal to ask at\nGive --yes to apply it, or look at it first: tenure show ${view.label}`,
    );
  }
  const { askText, askYes } = await import("../prompts.ts");
  if (forGood === 0) return askYes(`${what}. Apply it?`);
  return (await askText(`${what}. Type ${view.label} to apply it`, (text) => text === view.label)) !== null;
}
