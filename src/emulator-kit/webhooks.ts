import { request as httpRequest } from "node:http";
import type { WebhookDelivery, WebhookHooks } from "./contract.ts";
import type { EmittedEvent, Runtime } from "./runtime.ts";

/** A receiver that says nothing for so long counts as tried. */
const ANSWER_WITHIN_MS = 5000;
const MOST_PENDING = 1000;
/** Of an answer only this much is read, in characters: enough for the echo of a challenge. */
const LONGEST_ANSWER = 4096;

/** What a receiver said; null when it said nothing in time. */
type ReceiverAnswer = Parameters<NonNullable<WebhookHooks<never, never>["answered"]>>[2];

/** Emulators call nobody but this machine. */
export function isLoopbackUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && (hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]");
}

/** Sends the vendor's webhooks, each one once: retries are not emulated. */
export interface Deliveries {
  send(event: EmittedEvent): void;
  /** Resolves when everything sent so far was tried. */
  settled(): Promise<void>;
}

export function createDeliveries(runtime: Runtime): Deliveries {
  const pending = new Set<Promise<void>>();
  const post = (account: string, delivery: WebhookDelivery): void => {
    if (!isLoopbackUrl(delivery.url) || pending.size >= MOST_PENDING) return;
    const done = postOnce(delivery)
      .then((answer) => {
        runtime.work(() => runtime.module.webhooks?.answered?.(runtime.context(account), delivery, answer));
      })
      .finally(() => pending.delete(done));
    pending.add(done);
  };
  return {
    send({ account, event, subject }) {
      const { webhooks } = runtime.module;
      if (webhooks === null) return;
      // What a delivery changes (its event record) is part of the vendor's state.
      const { result } = runtime.work(() => webhooks.deliveries(runtime.context(account), event, subject));
      for (const delivery of result) post(account, delivery);
    },
    async settled() {
      await Promise.all(pending);
    },
  };
}

/** Resolves whatever becomes of it: an unreachable receiver is no failure of the vendor. */
function postOnce({ url, headers, body }: WebhookDelivery): Promise<ReceiverAnswer> {
  return new Promise((resolve) => {
    const request = httpRequest(
      url,
      {
        method: "POST",
        agent: false,
        timeout: ANSWER_WITHIN_MS,
        headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text = (text + piece).slice(0, LONGEST_ANSWER);
        });
        response.on("error", () => resolve(null));
        response.on("close", () => resolve(response.complete ? { status: response.statusCode ?? 0, text } : null));
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(null));
    request.end(body);
  });
}
