import { buildConnector, Client, Pool, type Dispatcher } from "undici";
import type { Method } from "../contract.ts";
import { guardedLookup, type Resolve } from "./address.ts";
import { isWrite } from "./classify.ts";
import type { Exchange } from "./exchange.ts";
import type { Target } from "./target.ts";

/** Connections to one origin. Neither undici's retries nor its redirects are in use: a request is sent once. */
export class Sockets {
  readonly #target: Target;
  readonly #options: Client.Options;
  readonly #reads: Pool;
  readonly #writes: Pool;
  readonly #single = new Set<Client>();

  constructor(target: Target, maxInFlight: number, resolve?: Resolve) {
    this.#target = target;
    this.#options = {
      // One connector for all: TLS sessions are used again also by fresh connections.
      connect: buildConnector({ allowH2: false, timeout: 10_000, lookup: guardedLookup(target.allows, resolve) }),
      // A stream of HTTP/2 ends without length or last chunk; on one protocol the same proof of completeness always holds.
      allowH2: false,
      pipelining: 1,
      // The whole request has one time limit, which is the transport's own.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    this.#reads = new Pool(target.origin, { ...this.#options, connections: maxInFlight });
    // A write on a connection that the server has just closed looks like a lost answer: only fresh ones are used (safety D4).
    this.#writes = new Pool(target.origin, {
      ...this.#options,
      connections: maxInFlight,
      keepAliveTimeout: 1_000,
      keepAliveMaxTimeout: 1_000,
    });
  }

  dispatch(method: Method, path: string, body: string | null, exchange: Exchange): void {
    const headers = body === null ? this.#target.headers : this.#target.headersWithBody;
    const options: Dispatcher.DispatchOptions = { method, path, body, headers };
    if (method === "DELETE") this.#dispatchAlone(options, exchange);
    else (isWrite(method) ? this.#writes : this.#reads).dispatch(options, exchange);
  }

  async close(): Promise<void> {
    const stopped = new Error("the transport was closed");
    const all: readonly Dispatcher[] = [this.#reads, this.#writes, ...this.#single];
    await Promise.all(all.map((one) => one.destroy(stopped)));
  }

  /** What removes gets a connection of its own, which nobody can have closed before. */
  #dispatchAlone(options: Dispatcher.DispatchOptions, exchange: Exchange): void {
    const client = new Client(this.#target.origin, this.#options);
    this.#single.add(client);
    const end = async (): Promise<void> => {
      await exchange.ended;
      await client.destroy();
      this.#single.delete(client);
    };
    client.dispatch(options, exchange);
    void end();
  }
}
