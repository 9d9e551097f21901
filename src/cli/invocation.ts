import type { Command } from "commander";
import type { UseCaseName, UseCases } from "../app/contract.ts";
import { AppError, toAppError } from "../kernel/errors.ts";
import { EXIT } from "./exit-codes.ts";
import type { CliHost, Session } from "./host.ts";
import type { Output } from "./output/output.ts";
import type { Flags, Settings } from "./settings.ts";

/** What a command's code gets: its settings, its voice, and how it learns that it shall stop. */
export interface Invocation {
  readonly host: CliHost;
  readonly flags: Flags;
  readonly settings: Settings;
  readonly output: Output;
  /** Aborts at the first Ctrl-C: work stops after what is running. The second one leaves at once. */
  readonly signal: AbortSignal;
  /** Calls one use case; what it tells meanwhile goes to the output. */
  call<Name extends UseCaseName>(
    session: Session,
    name: Name,
    input: UseCases[Name]["input"],
  ): Promise<UseCases[Name]["output"]>;
  /** Opens the use cases for as long as `work` takes. */
  withSession<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** Options of one command as commander gives them. */
export type Options = Readonly<Record<string, unknown>>;

/** Gives the exit code. */
export type Action = (
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
) => Promise<number>;

/** Where the exit code of the command that ran is left. */
export interface Outcome {
  code: number;
}

export function textOption(options: Options, name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

export function flagOption(options: Options, name: string): boolean {
  return options[name] === true;
}

export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** A whole number from `least` to `most`; `usage` otherwise. */
export function countOption(
  options: Options,
  name: string,
  bounds: { readonly least: number; readonly most: number; readonly standard: number },
): number {
  const text = textOption(options, name);
  if (text === null) return bounds.standard;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.least && value <= bounds.most)) {
    throw new AppError("usage", `--${name} must be a whole number from ${bounds.least} to ${bounds.most}`);
  }
  return value;
}

/** An argument that commander has already asked for. */
export function required(args: readonly (string | undefined)[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new AppError("usage", "an argument is missing: see --help");
  return value;
}

/** Wraps a command's code for commander: settings, output, interruption, errors, exit code. */
export function act(host: CliHost, outcome: Outcome, action: Action) {
  return async (...given: readonly unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const flags = command.optsWithGlobals<Flags>();
    const args = given.slice(0, -2).flatMap((one) => (Array.isArray(one) ? one : [one])) as (string | undefined)[];
    const { openInvocation } = await import("./open-invocation.ts");
    const made = await openInvocation(host, flags);
    try {
      outcome.code = await action(made.invocation, args, command.opts());
    } catch (error) {
      const known = toAppError(error);
      made.invocation.output.fail(known);
      const { exitOf } = await import("./output/errors.ts");
      outcome.code = made.invocation.signal.aborted ? EXIT.interrupted : exitOf(known);
    } finally {
      made.close();
    }
  };
}
