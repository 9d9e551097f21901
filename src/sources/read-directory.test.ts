import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIso } from "../kernel/dates.ts";
import { problemText, READ_DEFAULTS, type PeopleReading } from "./reading.ts";
import { readDirectory } from "./read-directory.ts";

function read(text: string, fileName = "okta-users.csv"): Promise<PeopleReading> {
  const options = { ...READ_DEFAULTS, name: "okta", defaultZone: "UTC", now: parseIso("2026-11-20T22:00:00Z") ?? 0 };
  return readDirectory({ bytes: Buffer.from(text), fileName }, options);
}

test("[A9] an Okta users list is read: suspended is not deprovisioned, and a locked password is neither", async () => {
  const rows = [
    "User Id,Login,First Name,Last Name,Email,Secondary Email,Status,Department",
    "00u1,maya@harborpine.example,Maya,Okafor,maya.okafor@harborpine.example,maya@gmail.example,ACTIVE,Sales",
    "00u2,jo@harborpine.example,Jo,Lee,jo@harborpine.example,,SUSPENDED,Support",
    "00u3,al@harborpine.example,Al,Ott,al@harborpine.example,,DEPROVISIONED,",
    "00u4,xi@harborpine.example,Xi,Wu,xi@harborpine.example,,LOCKED_OUT,",
    "00u5,su@harborpine.example,Su,Ng,su@harborpine.example,,STAGED,",
  ];
  const reading = await read(`${rows.join("\n")}\n`);
  assert.deepEqual(
    reading.entries.map((entry) => [entry.key, entry.emailKey, entry.status]),
    [
      ["00u1", "maya.okafor@harborpine.example", "active"],
      ["00u2", "jo@harborpine.example", "leave"],
      ["00u3", "al@harborpine.example", "terminated"],
      ["00u4", "xi@harborpine.example", "active"],
      ["00u5", "su@harborpine.example", "future"],
    ],
  );
  assert.deepEqual(reading.entries[0]?.aliases, ["maya@gmail.example"]);
});

test("the sign-in name stands for the address where a directory has no address", async () => {
  const reading = await read("login,firstName,lastName,status\nmaya@x.example,Maya,Okafor,ACTIVE\n");
  assert.equal(reading.entries[0]?.emailKey, "maya@x.example");
  assert.equal(reading.entries[0]?.key, "maya@x.example");
});

test("SCIM users are read; active false is suspended, because it can be taken back", async () => {
  const users = [
    { id: "u1", userName: "maya@x.example", name: { givenName: "Maya", familyName: "Okafor" }, active: true },
    { id: "u2", userName: "jo@x.example", name: { givenName: "Jo", familyName: "Lee" }, active: false },
  ];
  const reading = await read(JSON.stringify({ totalResults: 2, Resources: users }), "users.json");
  assert.deepEqual(
    reading.entries.map((entry) => [entry.key, entry.status]),
    [
      ["u1", "active"],
      ["u2", "leave"],
    ],
  );
});

test("an unknown status is an error with its place", async () => {
  const reading = await read("id,email,name,status\n1,a@x.example,A B,WHATEVER\n");
  assert.match(
    problemText(reading.errors[0] ?? { row: 0, column: null, field: null, message: "" }),
    /row 2, column "status": "WHATEVER"/,
  );
});
