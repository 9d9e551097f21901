import assert from "node:assert/strict";
import { test } from "node:test";
import { Exchange } from "./http/exchange.ts";

test("[D3] a request that is brought to a second socket is stopped: it is sent once", async () => {
  let checks = 0;
  const stopped: string[] = [];
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort: (reason: Error) => void stopped.push(reason.message),
    pause: () => undefined,
    resume: () => undefined,
  };
  const exchange = new Exchange({
    beforeSend: () => void (checks += 1),
    maxBodyBytes: 1_000,
    signal: new AbortController().signal,
  });
  exchange.onRequestStart(controller);
  exchange.onRequestStart(controller);
  await exchange.ended;
  assert.equal(exchange.sent, true);
  assert.equal(exchange.broken?.by, "lost");
  assert.equal(checks, 1);
  assert.deepEqual(stopped, ["a request is sent once"]);
  exchange.onResponseStart(controller, 200, {});
  exchange.onResponseEnd();
  assert.equal(exchange.broken?.by, "lost", "it has ended once and for all");
});
