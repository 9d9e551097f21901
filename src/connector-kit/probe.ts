import { isAppError, toAppError, type AppError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { CallContext, Transport } from "../transport/contract.ts";
import type { HealthCheck } from "./contract.ts";

/** What an app said to one harmless question, whatever the status. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: JsonValue;
}

/** Statuses that tell something about key, scope or base URL, and so are answers to a probe. */
const TELLING = [200, 400, 401, 403, 404, 405, 406, 410, 415, 501];

/** Asks once, by GET. What prevented an answer comes back as a value; only a cancellation is thrown. */
export async function probe(
  transport: Transport,
  request: { readonly path: string; readonly query: Readonly<Record<string, string | number>> },
  context: CallContext,
): Promise<ProbeAnswer | AppError> {
  try {
    const answer = await transport.send(
      {
        method: "GET",
        ...request,
        body: null,
        expect: TELLING,
        parse: (body, status): ProbeAnswer => ({ status, body }),
        readError: () => null,
      },
      context,
    );
    return answer.value;
  } catch (error) {
    const known = toAppError(error);
    if (isAppError(known, "canceled", "fenced", "internal")) throw known;
    return known;
  }
}

/** Transport keeps of a cause its code and words only. */
function hostIsUnknown(error: AppError): boolean {
  return error.cause instanceof Error && /\bENOTFOUND\b/.test(error.cause.message);
}

/** What it means for the connection that a probe got no answer that can be read. */
export function healthOfFailure(what: string, origin: string, error: AppError): HealthCheck {
  switch (error.code) {
    case "auth":
      return { what, state: "wrong-key", text: `${origin} refuses the credential: ${error.message}` };
    case "forbidden":
      return { what, state: "not-allowed", text: `${origin} does not allow this: ${error.message}` };
    case "bad_response":
    case "not_found":
    case "unsupported":
    case "invalid":
      return {
        what,
        state: "wrong-base-url",
        text: `${origin} does not answer as this app does: check the base URL (${error.message})`,
      };
    default:
      return hostIsUnknown(error)
        ? { what, state: "wrong-base-url", text: `no server has the name in ${origin}: check the base URL` }
        : { what, state: "unreachable", text: `${origin} gave no answer: ${error.message}` };
  }
}
