import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { test } from "node:test";
import { virtualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { createTransport } from "./client.ts";
import type { Endpoint } from "./contract.ts";
import { guardedLookup, loopbackAddresses, publicAddresses, type AddressTest, type Resolve } from "./http/address.ts";
import { contextOf, driven, endpointAt, post, wired } from "./testing/raw-server.ts";
import { memoryLedger } from "./memory-ledger.ts";

async function codeFor(
  baseUrl: string,
  change: Partial<Endpoint> = {},
  allowPrivateAddresses = false,
): Promise<string> {
  const clock = virtualClock(0);
  try {
    const transport = createTransport({
      endpoint: endpointAt(baseUrl, change),
      ledger: memoryLedger(clock),
      clock,
      random: seededRandom(1),
      log: silentLog(),
      allowPrivateAddresses,
    });
    await transport.close();
    return "open";
  } catch (error) {
    assert.ok(error instanceof AppError);
    return error.code;
  }
}

test("[T10] a base URL that is not https, or not on the Internet, is refused before anything is sent", async () => {
  const refused = [
    "",
    "api.example.com",
    "ftp://api.example.com",
    "file:///etc/passwd",
    "http://api.example.com",
    "http://10.0.0.1",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:10.0.0.1]",
    "https://user@api.example.com",
    "https://user:pass@api.example.com",
    "https://api.example.com/#x",
    "https://10.1.2.3",
    "https://172.16.0.1:8443",
    "https://192.168.1.1",
    "https://169.254.169.254",
    "https://100.64.0.1",
    "https://0.0.0.0",
    "https://0",
    "https://3232235777",
    "https://0xa.1",
    "https://012.0.0.1",
    "https://10.1",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://192.0.2.1",
    "https://198.18.0.1",
    "https://[::]",
    "https://[fe80::1]",
    "https://[fc00::1]",
    "https://[fd12:3456::1]",
    "https://[ff02::1]",
    "https://[::ffff:a00:1]",
    "https://[::ffff:192.168.0.1]",
    "https://[64:ff9b::a00:1]",
    "https://[2002:a00:1::]",
    "https://[2001:0:a00:1::]",
    "https://[2001:db8::1]",
    "https://①⓪.0.0.1",
    "https://10。0。0。1",
  ];
  for (const baseUrl of refused) assert.equal(await codeFor(baseUrl), "config", baseUrl);
  const open = [
    "https://api.example.com/v1",
    "https://8.8.8.8",
    "https://[2606:4700::1]",
    "http://127.0.0.1:8080",
    "http://localhost",
    "http://[::1]:9",
    "http://2130706433",
    "https://127.0.0.1",
  ];
  for (const baseUrl of open) assert.equal(await codeFor(baseUrl), "open", baseUrl);
  assert.equal(await codeFor("https://10.1.2.3", {}, true), "open", "a gateway of one's own, when told so");
  assert.equal(await codeFor("http://10.1.2.3", {}, true), "config");
});

test("headers that are ours to set cannot be configured", async () => {
  for (const name of ["Authorization", "host", "Content-Length", "x y", "x\r\ny"]) {
    assert.equal(await codeFor("https://api.example.com", { headers: { [name]: "1" } }), "config", name);
  }
  assert.equal(await codeFor("https://api.example.com", { headers: { "x-a": "1\r\nx-b: 2" } }), "config");
  assert.equal(await codeFor("https://api.example.com", { headers: { "User-Agent": "x", "x-a": "1" } }), "open");
});

type Found = { readonly error: Error | null; readonly addresses: unknown };

function lookUp(allows: AddressTest, answers: readonly (readonly string[])[], all = true): Promise<Found> {
  let asked = 0;
  const lookup = guardedLookup(allows, (_host, _options, done) => {
    const texts = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found: LookupAddress[] = texts.map((address) => ({ address, family: isIP(address) }));
    done(null, found);
  });
  return new Promise((resolve) => {
    lookup("host.example", { all }, (error, addresses) => resolve({ error, addresses }));
  });
}

test("[T10] a host name that leads into the network around us is not connected to", async () => {
  for (const address of [
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
  ]) {
    for (const answers of [[[address]], [["8.8.8.8", address]]]) {
      const { error } = await lookUp(publicAddresses(), answers);
      assert.ok(error instanceof AppError && error.code === "config", address);
    }
  }
  assert.ok((await lookUp(publicAddresses(), [[]])).error instanceof AppError);
  assert.deepEqual(await lookUp(publicAddresses(), [["8.8.8.8", "2606:4700::1"]]), {
    error: null,
    addresses: [
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700::1", family: 6 },
    ],
  });
  assert.equal((await lookUp(publicAddresses(), [["8.8.8.8"]], false)).addresses, "8.8.8.8");
});

test("[T10] a name that answers differently each time is tested each time, and what was tested is what is used", async () => {
  let asked = 0;
  const answers = ["8.8.8.8", "10.0.0.1"];
  const lookup = guardedLookup(publicAddresses(), (_host, _options, done) => {
    const address = answers[asked] ?? "";
    asked += 1;
    done(null, [{ address, family: 4 }]);
  });
  const ask = (): Promise<Found> =>
    new Promise((resolve) =>
      lookup("rebind.example", { all: true }, (error, addresses) => resolve({ error, addresses })),
    );
  assert.deepEqual((await ask()).addresses, [{ address: "8.8.8.8", family: 4 }]);
  assert.ok((await ask()).error instanceof AppError);
  assert.equal(asked, 2);
});

test("[T10] [F02] a call to a host that leads elsewhere, or nowhere, sends nothing and says why", async () => {
  const cases: readonly (readonly [Resolve, string, RegExp])[] = [
    [(_host, _options, done) => done(null, [{ address: "10.0.0.1", family: 4 }]), "config", /leads to 10\.0\.0\.1/],
    [
      (_host, _options, done) => done(dnsError("ENOTFOUND"), []),
      "unavailable",
      /nothing was sent, its host name is unknown/,
    ],
    [
      (_host, _options, done) => done(dnsError("EAI_AGAIN"), []),
      "unavailable",
      /nothing was sent, no connection.*EAI_AGAIN/,
    ],
  ];
  for (const [resolve, code, words] of cases) {
    await wired(
      () => undefined,
      async ({ transport, clock }) => {
        const error = await driven(clock, transport.send(post(), contextOf()));
        assert.ok(error instanceof AppError);
        assert.equal(error.code, code);
        assert.match(error.message, words);
      },
      { resolve, endpoint: endpointAt("https://api.example.com") },
    );
  }
});

function dnsError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

test("a name for this machine must lead to this machine, and a name server's error is passed on", async () => {
  assert.equal((await lookUp(loopbackAddresses(), [["127.0.0.1", "::1"]])).error, null);
  assert.ok((await lookUp(loopbackAddresses(), [["93.184.216.34"]])).error instanceof AppError);
  const failing = guardedLookup(publicAddresses(), (_host, _options, done) => {
    done(dnsError("ENOTFOUND"), []);
  });
  const error = await new Promise((resolve) => failing("host.example", { all: true }, resolve));
  assert.ok(error instanceof Error && "code" in error && error.code === "ENOTFOUND");
});
