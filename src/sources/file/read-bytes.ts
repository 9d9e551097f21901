import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { canceled } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { FileInput } from "../reading.ts";

export interface FileBytes {
  readonly bytes: Uint8Array;
  readonly fileName: string;
}

function inMiB(bytes: number): string {
  if (bytes < 1024 * 1024) return `${bytes} bytes`;
  return `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;
}

/** Why a file could not be read, in words with a next step. */
function unreadable(path: string, cause: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file; check the path in the configuration or on the command line",
    EACCES: "this process may not read it; give it the right to (chmod) or run as its owner",
    EPERM: "this process may not read it; give it the right to (chmod) or run as its owner",
    EISDIR: "it is a directory; name the file inside it",
    ENOTDIR: "a part of the path is a file, not a directory; check the path",
    ELOOP: "it is a symbolic link that leads to itself; name the file itself",
    EMFILE: "too many files are open; try again",
    EIO: "the disk reported an error; copy the file to another disk",
  };
  const text = words[code] ?? `reading failed${code === "" ? "" : ` (${code})`}`;
  return new AppError("bad_input", `cannot read ${path}: ${text}`, { cause, details: { file: path } });
}

function tooBig(name: string, most: number): AppError {
  return new AppError(
    "bad_input",
    `${name} is larger than ${inMiB(most)}, the most that is read: export only the columns that are needed, or split it into several sources`,
    { details: { file: name, limitBytes: most } },
  );
}

/** Reads up to one byte more than allowed, so that a file that grows while it is read is still caught. */
async function readAll(file: FileHandle, name: string, most: number, signal: AbortSignal | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    if (signal?.aborted === true) throw canceled(signal.reason);
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return Buffer.concat(chunks, size);
    size += bytesRead;
    if (size > most) throw tooBig(name, most);
    chunks.push(chunk.subarray(0, bytesRead));
  }
}

async function readPath(path: string, most: number, signal: AbortSignal | null): Promise<FileBytes> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK the open of a pipe would wait for a writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw unreadable(path, Object.assign(new Error("is a directory"), { code: "EISDIR" }));
    if (!stat.isFile()) {
      throw new AppError(
        "bad_input",
        `cannot read ${path}: it is not a regular file (a pipe or a device); save the export as a file`,
      );
    }
    if (stat.size > most) throw tooBig(path, most);
    return { bytes: await readAll(file, path, most, signal), fileName: basename(path) };
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadable(path, cause);
  } finally {
    await file.close();
  }
}

/** The bytes of a file of people, never more than `most`. Throws `bad_input` that says why and what to do. */
export async function readBytes(input: FileInput, most: number, signal: AbortSignal | null): Promise<FileBytes> {
  if ("path" in input) return readPath(input.path, most, signal);
  if (input.bytes.length > most) throw tooBig(input.fileName, most);
  return { bytes: input.bytes, fileName: input.fileName };
}
