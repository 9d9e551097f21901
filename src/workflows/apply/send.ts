import { unreachable } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { WriteAnswer } from "../../connector-kit/contract.ts";
import type { Verb } from "../../model/traits.ts";
import type { StepContext } from "./context.ts";
import { writeContext } from "./reads.ts";

function capability<T>(method: T | undefined, verb: Verb, context: StepContext): T {
  if (method === undefined) {
    throw new AppError(
      "unsupported",
      `${context.connection.name} cannot ${verb}: make a new plan, it will be a manual step`,
    );
  }
  return method;
}

/** The one call of a step: exactly what the plan says, and nothing else. */
export async function sendAction(context: StepContext): Promise<WriteAnswer> {
  const { action, target } = context.step;
  const { connector } = context.connection;
  const call = writeContext(context);
  if (action.verb === "create") {
    return capability(connector.create, "create", context)(action.draft, call);
  }
  if (context.targetId === null) throw new AppError("internal", `step ${context.step.id} has no account to work on`);
  const key = { kind: target.kind, id: context.targetId };
  switch (action.verb) {
    case "update":
      return capability(connector.update, "update", context)(key, action.changes, call);
    case "suspend":
      return capability(connector.suspend, "suspend", context)(key, call);
    case "reactivate":
      return capability(connector.reactivate, "reactivate", context)(key, call);
    case "remove":
      return capability(connector.remove, "remove", context)(key, call);
    case "convert":
      return capability(connector.convert, "convert", context)(key, action.to, call);
    case "join":
      return capability(connector.join, "join", context)(key, action.team.id, call);
    case "leave":
      return capability(connector.leave, "leave", context)(key, action.team.id, call);
    case "assignRole":
      return capability(connector.assignRole, "assignRole", context)(key, action.role, call);
    case "revokeInvitation":
      return capability(connector.revokeInvitation, "revokeInvitation", context)(key.id, call);
    case "transfer":
    case "verifyNone":
    case "manual":
      throw new AppError("internal", `a ${action.verb} step is not one call`);
    default:
      return unreachable(action);
  }
}
