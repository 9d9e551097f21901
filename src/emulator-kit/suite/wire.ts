import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";

export interface WireAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly bytes: Buffer;
}

/** One request over a connection of the agent's; rejects when the connection breaks. */
export function exchange(
  url: string,
  options: {
    readonly agent?: Agent;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<WireAnswer> {
  const { agent, method = "GET", headers = {}, body, signal } = options;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method, headers: { ...headers }, agent: agent ?? new Agent(), ...(signal === undefined ? {} : { signal }) },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.rawHeaders, bytes: Buffer.concat(pieces) });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Everything that comes back on a bare socket until it ends, however it ends. */
export function rawExchange(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (piece) => {
      received += piece.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(received));
  });
}

/** The code of the error that a broken connection ends in. */
export async function breakCode(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "no code";
  }
  return "no error";
}
