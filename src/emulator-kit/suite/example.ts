import { virtualClock, type VirtualClock } from "../../kernel/clock.ts";
import { sandboxClock, type SandboxClock } from "../clock.ts";
import { example } from "../example.ts";
import { runEmulator } from "../run.ts";
import type { JournalEntry, RunningEmulator } from "../running.ts";
import type { EmulatorSubject } from "../suite.ts";
import { smallCompany } from "./company.ts";
import { exchange, type WireAnswer } from "./wire.ts";

/** The start of a minute: 20 November 2026, 22:00 UTC. */
export const START = 1_795_212_000_000;

export const EXAMPLE: EmulatorSubject = {
  module: example,
  credentials: { main: "key-1", sameAccount: "key-2", otherAccount: "key-other" },
  authorize: (credential) => ({ Authorization: `Bearer ${credential}` }),
  data: (rows) => ({ members: Array.from({ length: rows }, () => ({})) }),
  listing: {
    collection: "members",
    first: (size) => `/members?size=${size}`,
    next: (_path, body) => (typeof body["next"] === "string" ? body["next"] : null),
  },
  create: (n) => ({ path: "/members", body: { email: `new${n}@example.com`, name: `New ${n}` } }),
  byId: (id) => `/members/${id}`,
  company: smallCompany(),
};

export interface ExampleBench {
  readonly emulator: RunningEmulator;
  readonly base: VirtualClock;
  readonly clock: SandboxClock;
  list(options?: Parameters<typeof exchange>[1]): Promise<WireAnswer>;
  create(email: string, options?: Parameters<typeof exchange>[1]): Promise<WireAnswer>;
  /** The journal's last entry. */
  last(): JournalEntry | undefined;
  members(): number;
}

const KEY = { Authorization: "Bearer key-1" };

/** The example vendor with three members, spoken to without any client that could repair an answer. */
export async function withExample(run: (bench: ExampleBench) => Promise<void>): Promise<void> {
  const base = virtualClock(START);
  const clock = sandboxClock(base, START);
  const emulator = await runEmulator(example, { clock, company: smallCompany() });
  await emulator.reset({ data: { members: [{ admin: true }, {}, {}] } });
  try {
    await run({
      emulator,
      base,
      clock,
      list: (options = {}) => exchange(`${emulator.origin}/members`, { headers: KEY, ...options }),
      create: (email, options = {}) =>
        exchange(`${emulator.origin}/members`, {
          method: "POST",
          headers: { ...KEY, "Content-Type": "application/json" },
          body: JSON.stringify({ email }),
          ...options,
        }),
      last: () => emulator.journal().at(-1),
      members: () => emulator.state().collections["members"]?.length ?? 0,
    });
  } finally {
    await emulator.stop();
  }
}

/** Waits for something that other sockets of this process are about to do. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
