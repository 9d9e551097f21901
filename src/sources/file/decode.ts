import { isUtf8 } from "node:buffer";
import { AppError } from "../../kernel/errors.ts";

/** What a file is, by its first bytes; its name is not asked. */
export type FileKind = "text" | "zip";

interface Signature {
  readonly bytes: readonly number[];
  readonly what: string;
}

const REFUSED: readonly Signature[] = [
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    what: "an old Excel file (.xls) or one with a password; save it as .xlsx without a password, or as CSV UTF-8",
  },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: "a PDF; export the list as CSV or .xlsx" },
  { bytes: [0x1f, 0x8b], what: "compressed with gzip; unpack it first" },
  { bytes: [0xff, 0xfe, 0x00, 0x00], what: "UTF-32 text; save it as UTF-8" },
  { bytes: [0x00, 0x00, 0xfe, 0xff], what: "UTF-32 text; save it as UTF-8" },
];

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Says what the bytes are. Throws `bad_input` for what cannot hold a list of people. */
export function fileKind(bytes: Uint8Array, fileName: string): FileKind {
  if (bytes.length === 0) {
    throw new AppError(
      "bad_input",
      `${fileName} is empty (0 bytes): nothing was read, and nobody is taken to have left; export it again`,
    );
  }
  for (const { bytes: signature, what } of REFUSED) {
    if (startsWith(bytes, signature)) throw new AppError("bad_input", `${fileName} is ${what}`);
  }
  return startsWith(bytes, [0x50, 0x4b]) && (bytes[2] ?? 0) < 9 ? "zip" : "text";
}

function utf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be", fileName: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError(
      "bad_input",
      `${fileName} begins like UTF-16 but is cut or damaged; export it again, best as UTF-8`,
      { cause },
    );
  }
}

/** Number of the first line that is not valid UTF-8, and the byte that breaks it when one byte does. */
function firstBadLine(bytes: Uint8Array): { readonly line: number; readonly byte: string } {
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline === -1 ? bytes.length : newline + 1;
    const part = bytes.subarray(from, to);
    if (!isUtf8(part)) {
      const byte = part.find((value) => value >= 0x80) ?? 0;
      return { line, byte: `0x${byte.toString(16).toUpperCase()}` };
    }
    from = to;
  }
  return { line, byte: "" };
}

/**
 * The text of a file: UTF-8, with or without a byte order mark, or UTF-16 with one. Anything else is refused, because
 * guessing an encoding changes people's names and addresses (safety A11). `notes` get a sentence where something was
 * unusual.
 */
export function decodeText(bytes: Uint8Array, fileName: string, notes: string[]): string {
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) {
    notes.push("the file is UTF-16 and was read as such");
    return utf16(bytes, bytes[0] === 0xff ? "utf-16le" : "utf-16be", fileName);
  }
  if (bytes.subarray(0, 8192).includes(0)) {
    throw new AppError(
      "bad_input",
      `${fileName} is no text that can be read: it holds zero bytes (UTF-16 without a byte order mark, or a binary file); save it as CSV UTF-8`,
    );
  }
  if (!isUtf8(bytes)) {
    const { line, byte } = firstBadLine(bytes);
    throw new AppError(
      "bad_input",
      `${fileName} is not UTF-8: line ${line} holds the byte ${byte}, as Windows-1252 (Latin-1) files do; save it as "CSV UTF-8"`,
      { details: { file: fileName, line } },
    );
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: false }).decode(bytes);
  const start = text.slice(0, 256).trimStart().toLowerCase();
  if (start.startsWith("<")) {
    throw new AppError(
      "bad_input",
      `${fileName} is a web page or XML, not a list of people (a login page, when the link of the export had expired?); export it again`,
    );
  }
  return text;
}
