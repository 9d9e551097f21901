import { request } from "node:http";
import { AppError } from "../kernel/errors.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../kernel/json.ts";

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_DEPTH = 64;

/** Whether the address is this machine's own: the only place that these calls go to. */
function loopbackUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const host = url.hostname;
  const local = host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
  return local && url.protocol === "http:" && url.username === "" ? url : null;
}

/**
 * One POST with JSON to the sandbox's control API. No credentials, no quota, no redirects, loopback only: nothing that a
 * connector sends goes this way. Null for an answer without a body.
 * Errors: `usage` for an address elsewhere, `unavailable`, `timeout`, `missing` 404, `bad_input` other 4xx,
 * `bad_response`, `canceled`.
 */
export async function postLoopback(call: {
  readonly url: string;
  readonly body: JsonObject;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<JsonValue> {
  const url = loopbackUrl(call.url);
  if (url === null)
    throw new AppError(
      "usage",
      "the control URL of a sandbox is http:// on this machine, such as http://127.0.0.1:4290",
    );
  const { status, text } = await exchange(url, JSON.stringify(call.body), call);
  const value = text === "" ? null : parseJson(text, MOST_DEPTH);
  if (status >= 200 && status < 300) return value;
  const told = isJsonObject(value) ? value["error"] : null;
  const words = typeof told === "string" ? told : `status ${status}`;
  if (status === 404) throw new AppError("missing", `the sandbox answers: ${words}`);
  throw new AppError(status < 500 ? "bad_input" : "unavailable", `the sandbox answers: ${words}`);
}

function exchange(
  url: URL,
  body: string,
  call: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        signal: call.signal,
        timeout: call.timeoutMs,
        agent: false,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MOST_BYTES)
            answer.destroy(new AppError("bad_response", "the sandbox's answer is too large"));
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on("error", (cause) => reject(lost(cause, call.signal, url)));
      },
    );
    sent.on("timeout", () => sent.destroy(new AppError("timeout", `the sandbox at ${url.origin} does not answer`)));
    sent.on("error", (cause) => reject(lost(cause, call.signal, url)));
    sent.end(body);
  });
}

function lost(cause: Error, signal: AbortSignal, url: URL): AppError {
  if (cause instanceof AppError) return cause;
  if (signal.aborted) return new AppError("canceled", "canceled", { cause });
  return new AppError("unavailable", `no sandbox answers at ${url.origin}\nStart one: tenure sandbox start`, { cause });
}
