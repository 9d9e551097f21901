import type { AppEvent, UseCaseName, UseCases } from "../app/contract.ts";
import { AppError } from "../kernel/errors.ts";
import { EXIT } from "./exit-codes.ts";
import type { CliHost, Session } from "./host.ts";
import type { Invocation } from "./invocation.ts";
import { createOutput, type Output } from "./output/output.ts";
import { plainProgress } from "./output/progress.ts";
import { createStyle, type Style } from "./output/style.ts";
import type { Flags, Settings } from "./settings.ts";

export interface OpenInvocation {
  readonly invocation: Invocation;
  close(): void;
}

/** Where progress goes while a long call works. */
interface Progress {
  readonly event: (event: AppEvent) => void;
  /** Puts the last state on the screen and gives the terminal back. */
  close(): Promise<void>;
}

export async function openInvocation(host: CliHost, flags: Flags): Promise<OpenInvocation> {
  const settings = host.settings(flags);
  const styles = createStyles(host, settings);
  const stop = new AbortController();
  const stopListening = listenForInterrupts(host, settings, stop);
  const live: { progress: Progress | null } = { progress: null };
  const output: Output = createOutput({
    format: settings.format,
    out: host.terminal.out,
    err: host.terminal.err,
    style: styles.out,
    errorStyle: styles.err,
    onEvent: (event) => live.progress?.event(event),
    flags: typedFlags(flags),
  });
  const call = async <Name extends UseCaseName>(
    session: Session,
    name: Name,
    input: UseCases[Name]["input"],
  ): Promise<UseCases[Name]["output"]> => {
    const progress = await openProgress(host, settings, name);
    live.progress = progress;
    try {
      return await session.app.call(name, input, {
        actor: settings.actor,
        onEvent: output.event,
        signal: stop.signal,
      });
    } finally {
      live.progress = null;
      await progress.close();
    }
  };
  const invocation: Invocation = {
    host,
    flags,
    settings,
    output,
    signal: stop.signal,
    call,
    async withSession(work) {
      const session = await host.open(settings, stop.signal);
      try {
        for (const remark of session.remarks) output.say(remark);
        return await work(session);
      } finally {
        await session.close();
      }
    },
  };
  return { invocation, close: stopListening };
}

/** What was typed to say which deployment is meant: the next command must say the same. */
function typedFlags(flags: Flags): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ["--data-dir", flags.dataDir],
    ["--config", flags.config],
    ["--sandbox-clock", flags.sandboxClock],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${shellWord(value)}`])).join(" ");
}

function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function createStyles(host: CliHost, settings: Settings): { readonly out: Style; readonly err: Style } {
  const { terminal } = host;
  const colored = (isTerminal: boolean): boolean => {
    if (!settings.color || terminal.noColor) return false;
    return terminal.forceColor || isTerminal;
  };
  const { plain } = settings;
  const width = terminal.outIsTerminal ? terminal.columns() : 0;
  return {
    out: createStyle({ color: colored(terminal.outIsTerminal), plain, width }),
    err: createStyle({ color: colored(terminal.errIsTerminal), plain, width }),
  };
}

/** First Ctrl-C: stop after what is running. Second: leave at once; the journal has what was done. */
function listenForInterrupts(host: CliHost, settings: Settings, stop: AbortController): () => void {
  return host.onInterrupt(() => {
    if (stop.signal.aborted) {
      host.leave(EXIT.interrupted);
      return;
    }
    if (settings.format === "text") host.terminal.err("stopping after what is running; once more leaves at once\n");
    stop.abort(new AppError("canceled", "interrupted; what was done is kept"));
  });
}

/** Bars on a terminal, one line a step elsewhere. */
async function openProgress(host: CliHost, settings: Settings, name: UseCaseName): Promise<Progress> {
  const long = name === "apply" || name === "runs.resume";
  if (settings.format === "text" && host.terminal.errIsTerminal && !settings.plain && long) {
    const { liveProgress } = await import("./output/live.ts");
    return liveProgress({ write: host.terminal.err, width: () => host.terminal.columns() });
  }
  if (settings.format === "text" && !host.terminal.errIsTerminal && (long || name === "sync")) {
    const event = plainProgress({ write: host.terminal.err, time: () => host.timeOfDay() });
    return { event, close: async () => undefined };
  }
  return { event: () => undefined, close: async () => undefined };
}
