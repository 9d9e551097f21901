import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "../../kernel/errors.ts";
import { ROSTER_HEADERS } from "./headers.data.ts";
import { mapColumns, foldHeader } from "./map-columns.ts";

function map(header: readonly string[], configured: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { uses } = mapColumns({ fileName: "roster.csv", source: "hr", header, configured, known: ROSTER_HEADERS });
  return Object.fromEntries(uses.map((use) => [use.field, use.column]));
}

function refusal(header: readonly string[], configured: Readonly<Record<string, string>> = {}): string {
  try {
    map(header, configured);
  } catch (error) {
    assert.ok(isAppError(error, "bad_input"));
    return error.message;
  }
  return "it was mapped";
}

test("headers are found whatever their case, spaces, dashes, underscores or marks in front", () => {
  for (const name of [
    "Work Email",
    "work_email",
    "WORK-EMAIL",
    " Work  Email ",
    "\uFEFFWork Email",
    "workEmail",
    "Work E-mail",
  ]) {
    assert.equal(map([name, "Name"])["email"], name.trim().replace("\uFEFF", ""), JSON.stringify(name));
  }
  assert.equal(foldHeader("Email (Work)"), "emailwork");
});

test("exports of the usual HR systems are understood without configuration", () => {
  const workday = [
    "Employee ID",
    "Worker",
    "Email - Primary Work",
    "Worker Status",
    "Hire Date",
    "Termination Date",
    "Supervisory Organization",
    "Business Title",
    "Location",
    "Worker Type",
    "Manager ID",
  ];
  assert.deepEqual(map(workday), {
    key: "Employee ID",
    email: "Email - Primary Work",
    displayName: "Worker",
    status: "Worker Status",
    startDate: "Hire Date",
    lastDay: "Termination Date",
    department: "Supervisory Organization",
    title: "Business Title",
    office: "Location",
    workerType: "Worker Type",
    manager: "Manager ID",
  });
  const adp = [
    "Associate ID",
    "Legal First Name",
    "Legal Last Name",
    "Work Contact: Work Email",
    "Position Status",
    "Hire Date",
    "Termination Date",
    "Home Department Description",
    "Job Title Description",
    "Location Description",
  ];
  assert.equal(map(adp)["email"], "Work Contact: Work Email");
  assert.equal(map(adp)["status"], "Position Status");
  const gusto = ["First name", "Last name", "Work email", "Department", "Start date", "End date", "Employment type"];
  assert.equal(map(gusto)["lastDay"], "End date");
  assert.equal(map(gusto)["key"], undefined);
});

test("the configuration wins over known names, and a column serves one field", () => {
  const uses = map(["Email", "Private Mail", "Name", "End Date", "Left On"], {
    email: "private mail",
    lastDay: "Left On",
  });
  assert.equal(uses["email"], "Private Mail");
  assert.equal(uses["lastDay"], "Left On");
});

test("a configured column that is not there is an error that lists what was found", () => {
  const message = refusal(["Email", "Name"], { lastDay: "Termination Date" });
  assert.match(message, /there is no column "Termination Date", which columns\.lastDay of source hr names/);
  assert.match(message, /Columns found: "Email", "Name"/);
  assert.match(
    refusal(["Email", "Name"], { emial: "Email" }),
    /columns\.emial of source hr is not a field; fields are key, email/,
  );
});

test("a needed column that is missing is an error that says how to name it", () => {
  assert.match(
    refusal(["Employee ID", "Name"]),
    /no column was found for email \(the work e-mail address\); name it in the configuration: sources\.hr\.columns: \{ email: "<header>" \}/,
  );
  assert.match(refusal(["Email", "Department"]), /no column was found for displayName \(the full name\)/);
  assert.match(refusal(["a;b;c"]), /Columns found: "a;b;c"/);
});

test("two columns of one name are an error when the name is used, and only then", () => {
  assert.match(refusal(["Email", "email", "Name"]), /there are 2 columns "Email"/);
  assert.equal(map(["Email", "Name", "Notes", "Notes"])["email"], "Email");
  assert.match(refusal(["Mail", "Mail", "Name"], { email: "Mail" }), /there are 2 columns "Mail"/);
});
