import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addDays, parseIso, type PlainDate } from "../kernel/dates.ts";
import { isAppError } from "../kernel/errors.ts";
import { problemText, READ_DEFAULTS, type PeopleReading, type ReadOptions } from "./reading.ts";
import { readRoster } from "./read-roster.ts";

const NOW = parseIso("2026-11-20T22:00:00Z") ?? 0;
const HEADER = "Employee ID,First Name,Last Name,Work Email,Employment Status,Start Date,Termination Date,Time Zone";
const MAYA = "E010,Maya,Okafor,maya.okafor@harborpine.example,Active,2021-03-01,,America/Los_Angeles";

function read(text: string | Uint8Array, options: Partial<ReadOptions> = {}): Promise<PeopleReading> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const all = { ...READ_DEFAULTS, name: "hr", defaultZone: "America/Los_Angeles", now: NOW, ...options };
  return readRoster({ bytes, fileName: "roster.csv" }, all);
}

function lines(...rows: readonly string[]): string {
  return `${[HEADER, ...rows].join("\r\n")}\r\n`;
}

function errorsOf(reading: PeopleReading): readonly string[] {
  return reading.errors.map((error) => problemText(error));
}

async function refusal(text: string | Uint8Array, options: Partial<ReadOptions> = {}): Promise<string> {
  try {
    await read(text, options);
  } catch (error) {
    assert.ok(isAppError(error, "bad_input", "config"), String(error));
    return error.message;
  }
  return "it was read";
}

/** One row with a status and dates, as it was read; its errors when it was not. */
async function settled(status: string, start: string, last: string, zone = "America/Los_Angeles"): Promise<string> {
  const reading = await read(lines(`E1,Maya,Okafor,maya@harborpine.example,${status},${start},${last},${zone}`));
  const entry = reading.entries[0];
  if (entry === undefined) return errorsOf(reading).join("; ");
  return `${entry.status} ${entry.lastDay} ${entry.accessEndsAt}${reading.warningCount > 0 ? " (warned)" : ""}`;
}

test("a plain roster is read, and every column is accounted for", async () => {
  const reading = await read(`\uFEFF${lines(MAYA)}`);
  assert.deepEqual(errorsOf(reading), []);
  assert.equal(reading.entries.length, 1);
  assert.deepEqual(reading.entries[0], {
    key: "E010",
    email: "maya.okafor@harborpine.example",
    emailKey: "maya.okafor@harborpine.example",
    aliases: [],
    givenName: "Maya",
    familyName: "Okafor",
    displayName: "Maya Okafor",
    status: "active",
    startDate: "2021-03-01",
    lastDay: null,
    accessEndsAt: null,
    zone: "America/Los_Angeles",
    department: null,
    title: null,
    office: null,
    workerType: null,
    manager: null,
    phone: null,
    row: 2,
  });
  assert.equal(reading.columns.length, 8);
  assert.deepEqual(reading.columns[0], { field: "key", column: "Employee ID", position: 1, by: "known" });
  assert.deepEqual(reading.unused, []);
});

test("[A1] an empty file, a header only and blank rows only are errors of the source, never an empty roster", async () => {
  assert.match(await refusal(""), /empty \(0 bytes\): nothing was read, and nobody is taken to have left/);
  assert.match(await refusal(HEADER), /and no rows below it: an empty list is taken for a failed export/);
  assert.match(await refusal(`${HEADER}\n\n,,,\n`), /no rows below it/);
  assert.match(await refusal("\n\n"), /has no rows/);
  assert.match(await refusal("[]"), /has no rows/);
});

test("[A1] a file in which no row is good cannot be imported even when errors are accepted", async () => {
  const text = lines("E1,Maya,Okafor,nomail,Active,,,");
  assert.match(await refusal(text, { acceptErrors: true }), /not one row is without an error/);
});

test("[A3] wherever a file is cut, it is an error, or told, or the cut was between two rows", async () => {
  const jo = 'E3,"Jo, Jr",Lee,jo@x.example,Active,,,UTC';
  const whole = lines(MAYA, MAYA.replace("E010", "E011").replace("maya.", "m."), jo);
  for (let length = HEADER.length + 3; length < whole.length; length += 1) {
    const cut = whole.slice(0, length);
    const reading = await read(cut);
    const told = reading.warnings.some((warning) => warning.message.includes("the file was cut"));
    assert.ok(reading.errorCount > 0 || told || /[\r\n]$/.test(cut), cut.slice(-20));
    if (reading.errorCount > 0) assert.deepEqual(reading.entries, []);
  }
});

test("[A10] one employee id in two rows: neither is believed, and the others can be imported when errors are accepted", async () => {
  const text = lines(
    MAYA,
    "E010,Mia,Ott,mia@harborpine.example,Active,,,",
    "E011,Jo,Lee,jo@harborpine.example,Active,,,",
  );
  const strict = await read(text);
  assert.deepEqual(strict.entries, []);
  assert.deepEqual(errorsOf(strict), [
    'row 2, column "Employee ID": employee id E010 also stands in row 3; every person has one row and an id of their own',
    'row 3, column "Employee ID": employee id E010 also stands in row 2; every person has one row and an id of their own',
  ]);
  const told = await read(text, { acceptErrors: true });
  assert.deepEqual(
    told.entries.map((entry) => entry.key),
    ["E011"],
  );
  assert.equal(strict.goodRows, 1);
});

test("[A10] a double of an id is seen even when one of the rows has another fault", async () => {
  const text = lines(MAYA, "E010,Mia,Ott,nomail,Active,,,", "E011,Jo,Lee,jo@harborpine.example,Active,,,");
  const told = await read(text, { acceptErrors: true });
  assert.deepEqual(
    told.entries.map((entry) => entry.key),
    ["E011"],
  );
});

test("two people who work with one address are an error in both rows, in any spelling", async () => {
  const reading = await read(lines(MAYA, "E011,Mia,Ott, Maya.OKAFOR@HarborPine.example,Active,,,"));
  assert.equal(reading.errorCount, 2);
  assert.match(errorsOf(reading)[1] ?? "", /row 3, column "Work Email": .* is also the address in row 2/);
});

test("[B5] the address of somebody who has left may be used again, and that is said", async () => {
  const leaver = MAYA.replace("Active,2021-03-01,", "Terminated,2021-03-01,2026-01-31");
  const reading = await read(lines(leaver, MAYA.replace("E010", "E040")));
  assert.deepEqual(errorsOf(reading), []);
  assert.equal(reading.entries.length, 2);
  assert.equal(reading.warningCount, 2);
});

test("[A11] a comma that shifts the columns of a row is an error of that row", async () => {
  const reading = await read(lines(MAYA, "E011,Jo,Lee, Jr,jo@harborpine.example,Active,,,UTC"));
  assert.match(errorsOf(reading)[0] ?? "", /row 3: the row has 9 cells and the header has 8/);
});

test("[A11] semicolons, tabs, a separator line, UTF-16 and line ends of any kind are read", async () => {
  const semicolons = lines(MAYA).replaceAll(",", ";");
  for (const text of [
    semicolons,
    lines(MAYA).replaceAll(",", "\t"),
    `sep=;\r\n${semicolons}`,
    lines(MAYA).replaceAll("\r\n", "\r"),
  ]) {
    const reading = await read(text);
    assert.equal(reading.entries[0]?.emailKey, "maya.okafor@harborpine.example", text.slice(0, 30));
  }
  const utf16 = await read(Buffer.from(`\uFEFF${lines(MAYA.replace("Maya", "Zoë"))}`, "utf16le"));
  assert.equal(utf16.entries[0]?.givenName, "Zoë");
  assert.match(utf16.warnings[0]?.message ?? "", /UTF-16/);
});

test("[A11] encodings that would have to be guessed are refused with the line and what to do", async () => {
  const latin1 = Buffer.from(lines(MAYA, MAYA.replace("Maya", "Zoë").replace("E010", "E2")), "latin1");
  assert.match(
    await refusal(latin1),
    /not UTF-8: line 3 holds the byte 0xEB, as Windows-1252 \(Latin-1\) files do; save it as "CSV UTF-8"/,
  );
  assert.match(await refusal(Buffer.from(lines(MAYA), "utf16le")), /zero bytes \(UTF-16 without a byte order mark/);
});

test("files of another kind are refused by what they are", async () => {
  assert.match(await refusal("<!doctype html><html></html>"), /a web page or XML/);
  assert.match(await refusal("%PDF-1.7"), /is a PDF/);
  assert.match(await refusal(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1])), /an old Excel file/);
  assert.match(await refusal(Buffer.from([0x1f, 0x8b, 8, 0])), /compressed with gzip/);
  assert.match(await refusal('[{"email": '), /is not valid JSON/);
  assert.match(await refusal(Buffer.from("PK\u0003\u0004 not a workbook")), /damaged or cut \.xlsx/);
});

test("[A12] an impossible date is an error with row and column, and nothing is imported", async () => {
  const reading = await read(lines(MAYA, "E011,Jo,Lee,jo@harborpine.example,Active,2026-02-30,,"));
  assert.deepEqual(errorsOf(reading), [
    'row 3, column "Start Date": "2026-02-30" is not a day: February 2026 has 28 days; correct the cell',
  ]);
  assert.deepEqual(reading.entries, []);
});

test("[A14] access ends with the last day in the person's own zone", async () => {
  assert.equal(await settled("Active", "", "2026-11-20"), "active 2026-11-20 2026-11-21T08:00:00.000Z");
  assert.match(await settled("Active", "", "2026-11-21", "Pacific/Kiritimati"), /2026-11-21T10:00:00\.000Z/);
  assert.match(await settled("Active", "", "2026-11-21", "Asia/Kathmandu"), /2026-11-21T18:15:00\.000Z/);
  assert.match(
    await settled("Terminated", "", "2026-11-20T00:00:00Z", "America/Los_Angeles"),
    /2026-11-20 2026-11-21T08:00/,
  );
  assert.match(await settled("Active", "", "2026-11-20 17:00"), /2026-11-20 2026-11-21T01:00:00\.000Z/);
});

test("[A15] where local midnight does not exist, the day ends at the first instant that does", async () => {
  assert.match(await settled("Active", "", "2026-04-23", "Africa/Cairo"), /2026-04-23T22:00:00\.000Z/);
  assert.match(await settled("Active", "", "2026-09-05", "America/Santiago"), /2026-09-06T04:00:00\.000Z/);
});

test("[A14] in every zone the end of a day is later than its start and at most 25 hours after it", async () => {
  const zones = [
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Beirut",
    "Pacific/Pago_Pago",
  ];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 700 }), fc.constantFrom(...zones), async (days, zone) => {
      const first = addDays("2026-01-01" as PlainDate, days);
      const ends = await Promise.all(
        [first, addDays(first, 1)].map(async (day) =>
          parseIso(/(\S+Z)/.exec(await settled("Terminated", "", day, zone))?.[1] ?? ""),
        ),
      );
      const length = (ends[1] ?? 0) - (ends[0] ?? 0);
      assert.ok(length >= 23 * 3_600_000 && length <= 25 * 3_600_000, `${zone} ${first} ${length}`);
    }),
    { numRuns: 60 },
  );
});

test("an explicit end of access wins over the end of the last day", async () => {
  const text = `Employee ID,Name,Email,Last Day,Access Ends At\nE1,Maya Okafor,maya@x.example,2026-11-25,17:00\nE2,Jo Lee,jo@x.example,,2026-11-24T12:00:00-05:00\n`;
  const reading = await read(text);
  assert.equal(reading.entries[0]?.accessEndsAt, "2026-11-26T01:00:00.000Z");
  assert.equal(reading.entries[1]?.accessEndsAt, "2026-11-24T17:00:00.000Z");
  const alone = await read("Employee ID,Name,Email,Access Ends At\nE1,Maya Okafor,maya@x.example,17:00\n");
  assert.match(errorsOf(alone)[0] ?? "", /row 2, column "Access Ends At": this is a time, and the row has no last day/);
});

test("status words of HR systems are understood; an unknown one is an error that lists what is known", async () => {
  assert.match(await settled("ACTIVE", "", ""), /^active/);
  assert.match(await settled("Full-Time", "", ""), /^active/);
  assert.match(await settled("On Leave", "", ""), /^leave/);
  assert.match(await settled("Terminated", "", "2026-01-31"), /^terminated 2026-01-31/);
  assert.match(await settled("Pre-hire", "2026-12-01", ""), /^future/);
  assert.match(await settled("Aktiv", "", ""), /"Aktiv" is not a known status; write one of Active, Leave, Terminated/);
  assert.match(await settled("", "", ""), /the status is empty/);
  const own = await read(lines(MAYA.replace("Active", "Aktiv")), { statuses: { aktiv: "active" } });
  assert.equal(own.entries[0]?.status, "active");
});

test("a word that means two things needs a last day beside it", async () => {
  assert.match(await settled("Inactive", "", "2026-01-31"), /^terminated/);
  assert.match(
    await settled("Inactive", "", ""),
    /"Inactive" means "has left" in some systems and "on leave" in others/,
  );
});

test("[A16] a last day decides over the status word, in both directions, and says so", async () => {
  assert.equal(await settled("Terminated", "", "2026-12-24"), "active 2026-12-24 2026-12-25T08:00:00.000Z (warned)");
  assert.equal(await settled("Active", "", "2026-01-31"), "terminated 2026-01-31 2026-02-01T08:00:00.000Z (warned)");
});

test("a first day after the last day is a rehire when the status says so, and an error otherwise", async () => {
  assert.equal(await settled("Active", "2026-06-01", "2026-01-31"), "active null null (warned)");
  assert.match(
    await settled("Terminated", "2026-06-01", "2026-01-31"),
    /the last day 2026-01-31 is before the first day 2026-06-01/,
  );
});

test("without a status column the dates decide, in the person's zone, at the given time", async () => {
  const text = `Employee ID,Name,Email,Start Date,Last Day\n1,A B,a@x.example,2026-11-21,\n2,C D,c@x.example,2020-01-01,2026-11-19\n3,E F,e@x.example,2020-01-01,2026-11-20\n`;
  const statuses = (reading: PeopleReading): unknown => reading.entries.map((entry) => entry.status);
  assert.deepEqual(statuses(await read(text)), ["future", "terminated", "active"]);
  assert.deepEqual(statuses(await read(text, { defaultZone: "Pacific/Kiritimati" })), [
    "active",
    "terminated",
    "terminated",
  ]);
});

test("an unknown time zone is an error of its row", async () => {
  assert.match(
    await settled("Active", "", "", "Mars/Olympus"),
    /column "Time Zone": "Mars\/Olympus" is not a time zone/,
  );
  assert.match(
    await refusal(lines(MAYA), { defaultZone: "Nowhere" }),
    /zone "Nowhere" of source hr is not a time zone/,
  );
  assert.match(
    await refusal(lines(MAYA), { dateFormat: "dd.mm" }),
    /dateFormat "dd.mm" of source hr is not understood/,
  );
});

test("[A17] formulas, markup and phone numbers come through as the text they are", async () => {
  const text = `Employee ID,Name,Email,Phone,Department\nE1,"=HYPERLINK(""https://evil.example"")",m@x.example,+1 415 555 0100,<script>alert(1)</script>\n`;
  const reading = await read(text);
  assert.equal(reading.entries[0]?.displayName, '=HYPERLINK("https://evil.example")');
  assert.equal(reading.entries[0]?.phone, "+1 415 555 0100");
  assert.equal(reading.entries[0]?.department, "<script>alert(1)</script>");
  assert.match(
    reading.warnings.map((warning) => problemText(warning)).join(),
    /row 2, column "Name": the cell looks like a formula/,
  );
});

test("[B3] an address with letters beyond ASCII is taken, with a warning that it is only linked by hand", async () => {
  const reading = await read(lines(MAYA.replace("maya.okafor@", "m\u0430ya.okafor@")));
  assert.equal(reading.entries.length, 1);
  assert.match(reading.warnings[0]?.message ?? "", /can look like others: its accounts are only linked by hand/);
});

test("[B1] addresses are kept as written and compared by one key", async () => {
  const reading = await read(lines(MAYA.replace("maya.okafor@harborpine", " Maya.Okafor@HarborPine")));
  assert.equal(reading.entries[0]?.email, "Maya.Okafor@HarborPine.example");
  assert.equal(reading.entries[0]?.emailKey, "maya.okafor@harborpine.example");
});

test("names are composed, and people called Null, None or NA keep their names", async () => {
  const reading = await read(lines("E1,Jose\u0301,Null,j@x.example,Active,,,", "E2,None,NA,n@x.example,Active,,,"));
  assert.equal(reading.entries[0]?.displayName, "José Null");
  assert.equal(reading.entries[1]?.displayName, "None NA");
});

test("a full name alone is parted at its comma or first space", async () => {
  const text = `ID,Full Name,Email\n1,"Okafor, Maya",a@x.example\n2,Ana de la Cruz,b@x.example\n3,Sukarno,c@x.example\n`;
  const names = (await read(text)).entries.map((entry) => [entry.givenName, entry.familyName, entry.displayName]);
  assert.deepEqual(names, [
    ["Maya", "Okafor", "Maya Okafor"],
    ["Ana", "de la Cruz", "Ana de la Cruz"],
    ["Sukarno", "", "Sukarno"],
  ]);
});

test("errors beyond the limit are counted, not kept", async () => {
  const rows = Array.from({ length: 30 }, (_one, index) => `E${index},A,B,nomail,Active,,,`);
  const reading = await read(lines(...rows), { limits: { ...READ_DEFAULTS.limits, errors: 10 } });
  assert.equal(reading.errors.length, 10);
  assert.equal(reading.errorCount, 30);
});

test("[M2] the order of the rows changes nothing but the row numbers", async () => {
  const rows = Array.from(
    { length: 12 },
    (_one, index) => `E${index},A${index},B,a${index}@x.example,Active,2020-01-0${(index % 9) + 1},,UTC`,
  );
  const strip = (reading: PeopleReading): unknown =>
    reading.entries.map((entry) => ({ ...entry, row: 0 })).toSorted((left, right) => (left.key < right.key ? -1 : 1));
  const plain = strip(await read(lines(...rows)));
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), async (shuffled) => {
      assert.deepEqual(strip(await read(lines(...shuffled))), plain);
    }),
    { numRuns: 30 },
  );
});
