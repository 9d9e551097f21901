import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ChildOptions, ChildOrder, ChildReport } from "./child.ts";

const SCRIPT = fileURLToPath(new URL("child.ts", import.meta.url));

/** What came of an order: the process's report, or how it ended before it gave one. */
export type Outcome =
  | { readonly is: "report"; readonly report: Extract<ChildReport, { readonly is: "ended" }> }
  | { readonly is: "died"; readonly signal: string | null; readonly words: string };

/** A real process of its own, started from source, spoken to by lines. */
export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string | null>;
  #words = "";

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on("data", (chunk: Buffer) => {
      this.#words = `${this.#words}${chunk.toString()}`.slice(-4_000);
    });
    this.#ended = new Promise((resolve) => process.once("close", (_code, signal) => resolve(signal)));
  }

  /** `cache`: where compiled code is kept from one process to the next. */
  static async start(options: ChildOptions, cache: string): Promise<Child> {
    const args = ["--disable-warning=ExperimentalWarning", SCRIPT, JSON.stringify(options)];
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const child = new Child(spawn(process.execPath, args, { env, stdio: "pipe" }));
    const first = await child.#lines.next();
    if (first.done === true) throw new Error(`the child did not start: ${child.#words}`);
    return child;
  }

  async ask(order: ChildOrder): Promise<Outcome> {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) return { is: "died", signal: await this.#ended, words: this.#words };
    const report = JSON.parse(line.value) as ChildReport;
    if (report.is === "ended") return { is: "report", report };
    throw new Error(`an unexpected line: ${line.value}`);
  }

  /** Kills it now. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** Asks it to end, as a stop of the service does. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.stdin.write(`${JSON.stringify({ do: "end" } satisfies ChildOrder)}\n`);
    await this.#ended;
  }
}
