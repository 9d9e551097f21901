import type { Dispatcher } from "undici";
import type { RawHeaders } from "../rate-headers.ts";

/** How a request ended without a whole answer. */
export type BrokenBy =
  /** No connection, or the request was stopped before it was handed to the socket. */
  | "unsent"
  /** The caller's check before sending refused (`fenced`). */
  | "fenced"
  | "canceled"
  | "timeout"
  /** The connection was lost before an answer began. */
  | "lost"
  /** The answer began and was cut off. */
  | "cut"
  | "too-large";

export interface Broken {
  readonly by: BrokenBy;
  /** What lay underneath; never shown as it is, it may hold what must not be seen. */
  readonly error: unknown;
}

export interface ExchangeOptions {
  /** Called in the tick in which the request is written to a connected socket; throws to refuse (safety S14). */
  readonly beforeSend: (() => void) | null;
  readonly maxBodyBytes: number;
  readonly signal: AbortSignal;
}

/**
 * One request and its answer, on undici's lowest interface: it tells exactly whether the request was handed to a socket,
 * and costs less than a stream for each body. Ends once, whatever comes.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  status = 0;
  headers: RawHeaders = {};
  readonly chunks: Buffer[] = [];
  size = 0;
  /** The request was handed to a socket: the vendor may have it. */
  sent = false;
  broken: Broken | null = null;
  readonly ended: Promise<void>;
  readonly #options: ExchangeOptions;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #resolve: (() => void) | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#onAbort = () => this.#stop({ by: "canceled", error: options.signal.reason });
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Its time is over. */
  expire(): void {
    this.#stop({ by: "timeout", error: null });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#resolve === null) return controller.abort(new Error("stopped before it was sent"));
    // A second start would be a second send: undici may bring back a request whose socket went away (safety D3).
    if (this.sent) {
      this.#end({ by: "lost", error: null });
      return controller.abort(new Error("a request is sent once"));
    }
    try {
      this.#options.beforeSend?.();
    } catch (error) {
      this.#end({ by: "fenced", error });
      return controller.abort(new Error("refused before it was sent"));
    }
    this.#controller = controller;
    this.sent = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    if (Number(headers["content-length"]) > this.#options.maxBodyBytes) this.#stop({ by: "too-large", error: null });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#resolve === null) return;
    this.size += chunk.length;
    if (this.size > this.#options.maxBodyBytes) this.#stop({ by: "too-large", error: null });
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#end(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    const late = this.status === 0 ? "lost" : "cut";
    this.#end({ by: this.sent ? late : "unsent", error });
  }

  #stop(broken: Broken): void {
    this.#end(broken);
    this.#controller?.abort(new Error("stopped"));
  }

  #end(broken: Broken | null): void {
    const resolve = this.#resolve;
    if (resolve === null) return;
    this.#resolve = null;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.broken = broken;
    if (broken !== null) this.chunks.length = 0;
    resolve();
  }
}
