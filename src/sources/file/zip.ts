import { createInflateRaw } from "node:zlib";
import { AppError } from "../../kernel/errors.ts";

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  /** Where its local header stands. */
  readonly offset: number;
}

const MOST_ENTRIES = 10_000;

function damaged(fileName: string): AppError {
  return new AppError("bad_input", `${fileName} is a damaged or cut .xlsx file; save or download it again`);
}

/** The central directory of a zip file: what it says is inside. */
function directory(view: DataView, fileName: string): readonly ZipEntry[] {
  let end = view.byteLength - 22;
  const lowest = Math.max(0, view.byteLength - 65_557);
  while (end >= lowest && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < lowest) throw damaged(fileName);
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw damaged(fileName);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw damaged(fileName);
    const nameLength = view.getUint16(at + 28, true);
    if (at + 46 + nameLength > view.byteLength) throw damaged(fileName);
    entries.push({
      name: Buffer.from(view.buffer, view.byteOffset + at + 46, nameLength).toString("utf8"),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

async function unpackedSize(bytes: Uint8Array, view: DataView, entry: ZipEntry, most: number): Promise<number> {
  if (entry.method === 0) return entry.packed;
  if (entry.offset + 30 > view.byteLength) return 0;
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const inflate = createInflateRaw();
  inflate.end(bytes.subarray(start, start + entry.packed));
  let size = 0;
  for await (const chunk of inflate) {
    if (chunk instanceof Uint8Array) size += chunk.length;
    if (size > most) break;
  }
  return size;
}

/**
 * Refuses what is no workbook, and a workbook that would unpack to more than `most` bytes. The sizes that a zip file states
 * can lie, so what it holds is unpacked and counted, without keeping it.
 */
export async function checkWorkbook(bytes: Uint8Array, fileName: string, most: number): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = directory(view, fileName);
  if (!entries.some((entry) => entry.name === "xl/workbook.xml")) {
    throw new AppError(
      "bad_input",
      `${fileName} is a zip file but no Excel workbook (.xlsx); save the list as .xlsx or CSV UTF-8`,
    );
  }
  let left = most;
  for (const entry of entries) {
    if (!entry.name.endsWith(".xml") && !entry.name.endsWith(".rels")) continue;
    try {
      left -= await unpackedSize(bytes, view, entry, left);
    } catch (cause) {
      throw new AppError("bad_input", damaged(fileName).message, { cause });
    }
    if (left < 0) {
      throw new AppError(
        "bad_input",
        `${fileName} unpacks to more than ${Math.round(most / 1024 / 1024)} MiB, the most that is read: export only the columns that are needed, or save it as CSV UTF-8`,
      );
    }
  }
}
