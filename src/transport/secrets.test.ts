import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { AppError } from "../kernel/errors.ts";
import { jsonLog } from "../kernel/log.ts";
import { Secret } from "../kernel/secret.ts";
import { systemClock } from "../kernel/clock.ts";
import { answer, contextOf, driven, endpointAt, get, KEY, post, wired, type Script } from "./testing/raw-server.ts";
import type { Auth } from "./contract.ts";

const PASSWORD = 'canary "pass/word" 9a1b';
const TOKEN = "canary.token.55aa66bb";

/** Everything that a program could print of a value: its own text, its members, its causes. */
function allTexts(value: unknown): string {
  const seen: string[] = [String(value), inspect(value, { depth: 20, showHidden: true })];
  for (let error = value; error instanceof Error; error = error.cause) {
    seen.push(
      error.message,
      error.stack ?? "",
      JSON.stringify(error),
      JSON.stringify(error, Object.getOwnPropertyNames(error)),
    );
    if (error instanceof AppError) seen.push(JSON.stringify(error.details));
  }
  return seen.join("\n");
}

test("[S17] [I1] [X-07] no credential is in an error, its causes or the log, whatever the app answers", async () => {
  const auths: readonly (readonly [Auth, readonly string[]])[] = [
    [
      { scheme: "basic", user: new Secret(KEY), password: new Secret(PASSWORD) },
      [KEY, PASSWORD, Buffer.from(`${KEY}:${PASSWORD}`).toString("base64"), encodeURIComponent(PASSWORD)],
    ],
    [{ scheme: "bearer", token: new Secret(TOKEN) }, [TOKEN]],
  ];
  for (const [auth, canaries] of auths) {
    const echo = JSON.stringify({ message: `bad credential ${canaries.join(" ")}` });
    const scripts: readonly Script[] = [
      (_request, socket) => socket.write(answer(401, echo)),
      (_request, socket) => socket.write(answer(500, echo)),
      (_request, socket) => socket.write(answer(200, echo.slice(0, -5))),
      (_request, socket) => socket.write(answer(200, echo, [`content-type: ${canaries[0] ?? ""}`])),
      (_request, socket) =>
        socket.write(answer(302, "", [`location: https://${canaries[0] ?? ""}.example/?k=${canaries[0] ?? ""}`])),
      (_request, socket) => socket.write(`HTTP/1.1 ${canaries[0] ?? ""}\r\n\r\n`),
      (_request, socket) => socket.resetAndDestroy(),
      (_request, socket) => socket.end(answer(200, echo).slice(0, -5)),
      (_request, socket) => socket.write(answer(429, echo, ["content-type: application/json", "retry-after: 99"])),
    ];
    let log = "";
    const options = { log: jsonLog({ write: (line) => void (log += line), clock: systemClock(), level: "debug" }) };
    const shape = (body: unknown): never => {
      throw new AppError("bad_response", `no user in ${JSON.stringify(body)}`, { cause: new Error(echo) });
    };
    let errors = 0;
    for (const script of scripts) {
      for (const request of [
        get({ parse: shape }),
        post({ expect: [200], parse: shape }),
        get({ path: `/users/${canaries[0]}` }),
      ]) {
        await wired(
          script,
          async ({ transport, clock }) => {
            const error = await driven(clock, transport.send(request, contextOf()));
            assert.ok(error instanceof AppError);
            errors += 1;
            for (const canary of canaries) {
              const texts: string = `${allTexts(error)}\n${inspect(transport, { depth: 3 })}`;
              assert.ok(!texts.includes(canary), `${canary} in ${texts}`);
              assert.ok(!log.includes(canary));
            }
          },
          options,
          { auth },
        );
      }
    }
    assert.equal(errors, scripts.length * 3);
    assert.ok(log.includes("a call to an app failed"));
  }
});

test("[S17] a credential that no header can carry is refused without being shown", async () => {
  const wrong: readonly Auth[] = [
    { scheme: "bearer", token: new Secret("canary-line\nbreak") },
    { scheme: "bearer", token: new Secret("") },
    { scheme: "basic", user: new Secret("canary:colon"), password: null },
    { scheme: "basic", user: new Secret(""), password: null },
  ];
  for (const auth of wrong) {
    const error: unknown = await wired(
      () => undefined,
      async () => undefined,
      { endpoint: endpointAt("https://api.example.com", { auth }) },
    ).catch((failure: unknown) => failure);
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "config");
    assert.ok(!allTexts(error).includes("canary"));
  }
});

test("[T18] an app's own words cannot break a line or turn a text around", async () => {
  await wired(
    (_request, socket) => socket.write(answer(422, JSON.stringify({ m: "x".repeat(5_000) }))),
    async ({ transport }) => {
      const request = get({ readError: () => `bad\r\nname \u001b[31m\u202Egnp.exe${"y".repeat(5_000)}` });
      const error: unknown = await transport.send(request, contextOf()).catch((failure: unknown) => failure);
      assert.ok(error instanceof AppError);
      assert.ok(error.message.length < 600);
      assert.doesNotMatch(error.message, /[\u0000-\u001f\u202e]/);
      assert.match(error.message, /bad name/);
    },
  );
});
