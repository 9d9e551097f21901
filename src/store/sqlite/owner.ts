import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../kernel/clock.ts";
import { toIso } from "../../kernel/dates.ts";
import { AppError, isAppError } from "../../kernel/errors.ts";
import { isJsonObject, parseJson } from "../../kernel/json.ts";
import { readSqliteError } from "./errors.ts";
import { makeDirectory } from "../directory.ts";

/** Who has the data directory, as written beside it. */
interface Owner {
  readonly pid: number;
  /** Boot and start time of the process, where the system tells them: a number that was given out again is told apart. */
  readonly process: string | null;
  readonly since: string;
}

export interface Ownership {
  /** Once more does no harm. */
  release(): void;
}

/**
 * Takes a data directory for this process. The lock is the system's own on `owner.lock`, so that it ends with its
 * holder, however that dies, and is kept by one that is only stopped; `owner.json` tells who it is.
 * Throws `busy` with the holder's number, since when, and what to do.
 */
export function takeDirectory(directory: string, clock: Clock): Ownership {
  ownDirectory(directory);
  const note = join(directory, "owner.json");
  const lockFile = join(directory, "owner.lock");
  createPrivate(lockFile);
  const lock = lockExclusively(lockFile, () => busy(directory, readOwner(note)));
  try {
    const before = readOwner(note);
    // A file system without locks would let anyone in: then the note decides.
    if (before !== null && before.pid !== process.pid && isSame(before)) throw busy(directory, before);
    const owner: Owner = { pid: process.pid, process: identify(process.pid), since: toIso(clock.now()) };
    writeFileSync(`${note}.new`, JSON.stringify(owner), { mode: 0o600 });
    renameSync(`${note}.new`, note);
  } catch (error) {
    lock.close();
    throw isAppError(error) ? error : cannotWrite(error, directory);
  }
  return {
    release() {
      if (!lock.isOpen) return;
      rmSync(note, { force: true });
      lock.close();
    },
  };
}

function ownDirectory(directory: string): void {
  try {
    makeDirectory(directory);
  } catch (cause) {
    throw cannotWrite(cause, directory);
  }
}

/**
 * Makes an empty file that only its owner can read, unless it is there. One that is there is not even opened: closing it
 * would end the locks that this process has on it (POSIX).
 */
export function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cannotWrite(cause, file);
  }
}

function cannotWrite(cause: unknown, path: string): AppError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    "storage",
    `${path} cannot be written (${words}): check that the directory is yours and not full`,
    {
      cause,
    },
  );
}

function lockExclusively(file: string, refusal: () => AppError): DatabaseSync {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    // Nothing may stay in memory only, and no journal may be left: the file is there for its lock alone.
    lock.exec("pragma journal_mode = memory");
    lock.exec("begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    const read = readSqliteError(error);
    throw read.code === "busy" ? refusal() : read;
  }
}

function readOwner(note: string): Owner | null {
  try {
    const value = parseJson(readFileSync(note, "utf8"));
    if (!isJsonObject(value)) return null;
    const { pid, process: start, since } = value;
    if (typeof pid !== "number" || typeof since !== "string") return null;
    return { pid, process: typeof start === "string" ? start : null, since };
  } catch {
    // No note, or half of one: its writer died. The lock alone decides then.
    return null;
  }
}

interface ProcessFacts {
  readonly state: string;
  readonly startTicks: string;
}

/** From Linux's process table; null elsewhere, or when there is no such process. */
function processFacts(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything; the fields begin behind the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    return state === undefined || startTicks === undefined ? null : { state, startTicks };
  } catch {
    return null;
  }
}

function identify(pid: number): string | null {
  const facts = processFacts(pid);
  if (facts === null) return null;
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${facts.startTicks}`;
  } catch {
    return facts.startTicks;
  }
}

/** Whether the process of the note still runs: only a dead holder is displaced. */
function isSame(owner: Owner): boolean {
  return owner.process !== null && owner.process === identify(owner.pid);
}

function busy(directory: string, owner: Owner | null): AppError {
  if (owner === null) {
    return new AppError(
      "busy",
      `the data directory ${directory} is in use by another process: end it, or give another --data-dir`,
    );
  }
  const stopped = processFacts(owner.pid)?.state === "T";
  const todo = stopped
    ? `It is stopped, not dead: let it go on with \`kill -CONT ${owner.pid}\`, or end it with \`kill -KILL ${owner.pid}\``
    : "Wait until it has ended, end it, or give another --data-dir";
  return new AppError(
    "busy",
    `the data directory ${directory} is in use by process ${owner.pid} since ${owner.since}. ${todo}`,
    { details: { pid: owner.pid, since: owner.since, stopped } },
  );
}
