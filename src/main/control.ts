import { isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { AppError } from "../kernel/errors.ts";
import { parseIso } from "../kernel/dates.ts";
import { postLoopback } from "../transport/loopback.ts";

const TIMEOUT_MS = 10_000;

/** The control API of a sandbox: one POST a verb. */
export interface Control {
  post(verb: string, body: JsonObject, signal: AbortSignal): Promise<JsonValue>;
  /** The sandbox's time in epoch milliseconds. */
  now(signal: AbortSignal): Promise<number>;
}

export function createControl(url: string): Control {
  const base = url.replace(/\/+$/, "");
  const post: Control["post"] = (verb, body, signal) =>
    postLoopback({ url: `${base}/${verb}`, body, timeoutMs: TIMEOUT_MS, signal });
  return {
    post,
    async now(signal) {
      const answer = await post("now", {}, signal);
      const now = isJsonObject(answer) && typeof answer["now"] === "string" ? parseIso(answer["now"]) : null;
      if (now === null) throw new AppError("bad_response", `what answers at ${base} is no sandbox of this version`);
      return now;
    },
  };
}
