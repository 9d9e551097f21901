import { rename, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../kernel/errors.ts";
import { makeDirectory } from "../store/directory.ts";

/** Makes the folder when it is not there, for its owner alone. */
export function makeFolder(path: string): void {
  try {
    makeDirectory(path);
  } catch (cause) {
    throw new AppError(
      "storage",
      `the folder ${path} cannot be made (${codeOf(cause)})\nGive another with --data-dir.`,
      { cause },
    );
  }
}

/** Writes a file whole or not at all, readable by its owner alone. */
export async function writePrivate(path: string, text: string, mode = 0o600): Promise<void> {
  const beside = `${path}.new`;
  try {
    makeDirectory(dirname(path));
    await writeFile(beside, text, { mode });
    await rename(beside, path);
  } catch (cause) {
    await unlink(beside).catch(() => undefined);
    throw new AppError("storage", `${path} cannot be written (${codeOf(cause)})\nNothing was changed.`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
