import type { Command } from "commander";
import type { MatchDecision } from "../../app/contract.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, required, textOption, type Action, type Invocation, type Outcome } from "../invocation.ts";

export function addMatchCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const match = program
    .command("match")
    .helpCommand(false)
    .description("Accounts whose person a human must name.")
    .summary("Decide whose account is whose");
  match
    .command("list")
    .description("Lists accounts that may be somebody's, with the reasons.")
    .action(act(host, outcome, listMatches));
  match
    .command("accept <match>")
    .description("Says that they are the same person. Kept for good, until it is split.")
    .option("--account <connection/kind/id>", "link this account to the person named, though it was never proposed")
    .addHelpText(
      "after",
      "\nExamples:\n  tenure match accept lnk_01kx…\n  tenure match accept maya.okafor@harborpine.example --account crm/user/4417",
    )
    .action(act(host, outcome, decide("accept")));
  match
    .command("reject <match>")
    .description("Says that they are not the same person. Never proposed again.")
    .action(act(host, outcome, decide("reject")));
  match
    .command("split <link>")
    .description("Takes a link apart that was confirmed by mistake.")
    .action(act(host, outcome, decide("split")));
}

async function listMatches(invocation: Invocation): Promise<number> {
  const { renderMatches } = await import("../output/people.ts");
  const result = await invocation.withSession((session) => invocation.call(session, "match.list", {}));
  invocation.output.result(result, renderMatches);
  const first = result.candidates[0];
  if (first === undefined) invocation.output.next("tenure plan");
  else invocation.output.next(`tenure match accept ${first.id}`, `tenure match reject ${first.id}`);
  return EXIT.done;
}

function decide(decision: MatchDecision["decision"]): Action {
  return async (invocation, args, options) => {
    const { renderMatchDecided } = await import("../output/people.ts");
    const input = { id: required(args, 0), decision, account: textOption(options, "account") };
    const result = await invocation.withSession((session) => invocation.call(session, "match.decide", input));
    invocation.output.result(result, renderMatchDecided);
    invocation.output.next("tenure match list", "tenure plan");
    return EXIT.done;
  };
}
