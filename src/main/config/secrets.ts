import { open } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "../../kernel/secret.ts";

/** Where the values of references come from. */
export interface SecretSource {
  /** Variable of the environment; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** Folder of the `secret:` files. */
  readonly folder: string;
}

export type SecretAnswer =
  | { readonly secret: Secret }
  /** `form`: no reference at all. `value`: a reference whose value cannot be had here. */
  | { readonly problem: string; readonly kind: "form" | "value" };

const MAX_SECRET_BYTES = 16_384;
export const REFERENCE_RULE = 'must start with "env:" (a reference, never the secret)';

/** Takes the value of `env:NAME` or `secret:NAME`. The reference is never repeated in a message: it could be the secret. */
export async function resolveSecret(reference: unknown, source: SecretSource): Promise<SecretAnswer> {
  const match = typeof reference === "string" ? /^(env|secret):([A-Za-z_][A-Za-z0-9_.-]{0,99})$/.exec(reference) : null;
  if (match === null) return { problem: REFERENCE_RULE, kind: "form" };
  const name = match[2] ?? "";
  return match[1] === "env" ? fromVariable(name, source) : await fromFile(name, source);
}

function fromVariable(name: string, source: SecretSource): SecretAnswer {
  const value = source.variable(name);
  if (value === undefined || value.trim() === "") {
    return { problem: `the environment variable ${name} is not set`, kind: "value" };
  }
  return checked(value, `the environment variable ${name}`);
}

async function fromFile(name: string, source: SecretSource): Promise<SecretAnswer> {
  const path = join(source.folder, name);
  try {
    const file = await open(path, "r");
    try {
      const stat = await file.stat();
      if ((stat.mode & 0o077) !== 0) {
        return { problem: `others can read the file ${path}: run chmod 600 on it`, kind: "value" };
      }
      if (stat.size > MAX_SECRET_BYTES) return { problem: `the file ${path} is too large for a secret`, kind: "value" };
      return checked(await file.readFile("utf8"), `the file ${path}`);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code ?? "unknown"})`;
    return { problem: `the file ${path} ${why}: write the secret into it, mode 600`, kind: "value" };
  }
}

function checked(text: string, where: string): SecretAnswer {
  const value = text.trim();
  if (value === "") return { problem: `${where} is empty`, kind: "value" };
  if (/[\u0000-\u001f\u007f]/.test(value))
    return { problem: `${where} holds a line break or a control character`, kind: "value" };
  return { secret: new Secret(value) };
}
