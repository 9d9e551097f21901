import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import writeXlsxFile from "write-excel-file/node";
import { parseIso, toDate } from "../kernel/dates.ts";
import { isAppError } from "../kernel/errors.ts";
import { problemText, READ_DEFAULTS, type FileInput, type PeopleReading, type ReadOptions } from "./reading.ts";
import { readRoster } from "./read-roster.ts";

const NOW = parseIso("2026-11-20T22:00:00Z") ?? 0;
const ROSTER = "Employee ID,Name,Email\nE1,Maya Okafor,maya@x.example\n";

function read(input: FileInput, options: Partial<ReadOptions> = {}): Promise<PeopleReading> {
  return readRoster(input, { ...READ_DEFAULTS, name: "hr", defaultZone: "UTC", now: NOW, ...options });
}

async function refusal(input: FileInput, options: Partial<ReadOptions> = {}): Promise<string> {
  try {
    await read(input, options);
  } catch (error) {
    assert.ok(isAppError(error, "bad_input", "canceled"), String(error));
    return error.message;
  }
  return "it was read";
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-roster-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

type SheetCell = string | number | boolean | { readonly day: string; readonly format: string } | null;

function sheetRow(cells: readonly SheetCell[]): { value: string | number | boolean | Date; format?: string }[] {
  return cells.map((cell) => {
    if (cell === null) return { value: "" };
    if (typeof cell !== "object") return { value: cell };
    return { value: toDate(parseIso(`${cell.day}T00:00:00Z`) ?? 0), format: cell.format };
  });
}

async function workbook(...rows: readonly (readonly SheetCell[])[]): Promise<FileInput> {
  const bytes = await writeXlsxFile(
    rows.map((row) => sheetRow(row)),
    { sheet: "People" },
  ).toBuffer();
  return { bytes, fileName: "roster.xlsx" };
}

test("a file that is not there, a directory, a pipe and a device are refused with what to do", async () => {
  await inFolder(async (folder) => {
    assert.match(await refusal({ path: join(folder, "none.csv") }), /none\.csv: there is no such file; check the path/);
    assert.match(await refusal({ path: folder }), /it is a directory; name the file inside it/);
    execFileSync("mkfifo", [join(folder, "pipe")]);
    assert.match(await refusal({ path: join(folder, "pipe") }), /not a regular file/);
    assert.match(await refusal({ path: "/dev/zero" }), /not a regular file/);
  });
});

test("a file on disk is read with its hash", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "roster.csv");
    await writeFile(path, ROSTER);
    const reading = await read({ path });
    assert.equal(reading.entries.length, 1);
    assert.match(reading.sha256, /^[0-9a-f]{64}$/);
    assert.equal(reading.sha256, (await read({ bytes: Buffer.from(ROSTER), fileName: "x" })).sha256);
  });
});

test("a huge file is refused by its size, before it is read, and one with too many rows or columns while it is read", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "roster.csv");
    await writeFile(path, ROSTER.repeat(100));
    assert.match(
      await refusal({ path }, { limits: { ...READ_DEFAULTS.limits, bytes: 1000 } }),
      /is larger than 1000 bytes, the most that is read: export only/,
    );
    assert.match(
      await refusal({ path }, { limits: { ...READ_DEFAULTS.limits, rows: 50 } }),
      /has more than 50 rows, the most that is read: split it/,
    );
    assert.match(await refusal({ path }, { limits: { ...READ_DEFAULTS.limits, columns: 2 } }), /more than 2 columns/);
  });
});

test("reading stops when the caller does", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "roster.csv");
    await writeFile(path, ROSTER);
    assert.match(await refusal({ path }, { signal: AbortSignal.abort() }), /canceled/);
  });
});

test("a workbook's dates, serial numbers, numbers and text are read as what they are", async () => {
  const file = await workbook(
    ["Employee ID", "First Name", "Last Name", "Email", "Start Date", "Last Day", "Phone"],
    [
      1001,
      "Maya",
      "Okafor",
      "maya@x.example",
      { day: "2021-03-01", format: "yyyy-mm-dd" },
      { day: "2026-11-20", format: "d/m/yyyy" },
      4155550100,
    ],
    ["0042", "Jo", "Lee", "jo@x.example", "2020-01-02", 46346, "+1 415"],
    ["E3", "Al", "Ott", "al@x.example", null, null, null],
  );
  const reading = await read(file);
  assert.deepEqual(
    reading.errors.map((error) => problemText(error)),
    [],
  );
  assert.equal(reading.format, "xlsx");
  const rows = reading.entries.map((entry) => [entry.key, entry.startDate, entry.lastDay, entry.phone, entry.row]);
  assert.deepEqual(rows, [
    ["1001", "2021-03-01", "2026-11-20", "4155550100", 2],
    ["0042", "2020-01-02", "2026-11-20", "+1 415", 3],
    ["E3", null, null, null, 4],
  ]);
});

test("[A12] an impossible or ambiguous date in a workbook is an error with row and column", async () => {
  const file = await workbook(
    ["Employee ID", "Name", "Email", "Last Day"],
    ["E1", "Maya Okafor", "maya@x.example", "2026-02-30"],
    ["E2", "Jo Lee", "jo@x.example", "03/08/2026"],
    ["E3", "Al Ott", "al@x.example", 7],
  );
  const texts = (await read(file)).errors.map((error) => problemText(error));
  assert.match(texts[0] ?? "", /^row 2, column "Last Day": "2026-02-30" is not a day/);
  assert.match(texts[1] ?? "", /^row 3, column "Last Day": "03\/08\/2026" can be read as two different days/);
  assert.match(texts[2] ?? "", /^row 4, column "Last Day": 7 is a number, not a date/);
});

test("a named sheet is read; a name that is not there is refused", async () => {
  const file = await workbook(["Name", "Email"], ["Maya Okafor", "maya@x.example"]);
  assert.equal((await read(file, { sheet: "People" })).entries.length, 1);
  assert.match(await refusal(file, { sheet: "Leavers" }), /roster\.xlsx has no such sheet/);
});

test("[A1] a workbook with a header only is an error of the source", async () => {
  assert.match(await refusal(await workbook(["Name", "Email"])), /no rows below it/);
});

/** A zip file of one deflated member, its stated size a lie. */
function zipOf(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(10, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

test("[C16] a workbook that unpacks to more than is allowed is refused, whatever size it states", async () => {
  const bytes = zipOf("xl/workbook.xml", Buffer.alloc(4 * 1024 * 1024));
  assert.ok(bytes.length < 10_000);
  const limits = { ...READ_DEFAULTS.limits, unpackedBytes: 1024 * 1024 };
  assert.match(await refusal({ bytes, fileName: "bomb.xlsx" }, { limits }), /unpacks to more than 1 MiB/);
});

test("a zip file that is no workbook, and a cut workbook, are refused", async () => {
  const other = zipOf("word/document.xml", Buffer.from("<x/>"));
  assert.match(await refusal({ bytes: other, fileName: "a.docx" }), /a zip file but no Excel workbook/);
  const file = await workbook(["Name", "Email"], ["Maya Okafor", "maya@x.example"]);
  assert.ok("bytes" in file);
  assert.match(await refusal({ bytes: file.bytes.subarray(0, 900), fileName: "cut.xlsx" }), /damaged or cut/);
});

test("a JSON list of people is read, nested names and lists of addresses too", async () => {
  const people = [
    {
      id: "E1",
      name: { givenName: "Maya", familyName: "Okafor" },
      emails: [{ value: "p@x.example" }, { value: "maya@x.example", primary: true }],
    },
    {
      id: 9007199254740993n.toString(),
      name: { givenName: "Jo", familyName: "Lee" },
      emails: [{ value: "jo@x.example" }],
      department: null,
    },
  ];
  const bytes = Buffer.from(JSON.stringify({ people }));
  const reading = await read({ bytes, fileName: "people.json" }, { columns: { email: "emails.value" } });
  assert.deepEqual(
    reading.entries.map((entry) => [entry.key, entry.displayName, entry.emailKey, entry.row]),
    [
      ["E1", "Maya Okafor", "maya@x.example", 2],
      ["9007199254740993", "Jo Lee", "jo@x.example", 3],
    ],
  );
});

test("JSON that is no list of people is refused", async () => {
  const say = (text: string): Promise<string> => refusal({ bytes: Buffer.from(text), fileName: "p.json" });
  assert.match(await say('{"a": 1}'), /holds no list of people/);
  assert.match(await say("[1, 2]"), /item 1 is not an object/);
  assert.match(await say(`[${"[".repeat(50)}${"]".repeat(50)}]`), /is not valid JSON|nested/);
});
