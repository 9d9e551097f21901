import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CompanyPerson } from "../emulator-kit/company.ts";
import { harborPine } from "./company.ts";
import { rosterCsv, shortRosterCsv } from "./roster.ts";

const company = harborPine();
const { crm, inbox } = company.systems;

function named(name: string): CompanyPerson {
  const person = company.people.find((one) => `${one.firstName} ${one.lastName}` === name);
  assert.ok(person !== undefined, name);
  return person;
}

function sample(name: string): string {
  return readFileSync(new URL(`../../samples/${name}`, import.meta.url), "utf8");
}

test("the company is the same for the same seed and another one for another seed", () => {
  assert.deepEqual(harborPine(), company);
  assert.notDeepEqual(harborPine(2).people, company.people);
});

test("every seed tells the same stories with 84 people of different names and addresses", () => {
  for (const seed of [1, 2, 3, 99]) {
    const { people, systems } = harborPine(seed);
    assert.equal(people.length, 84);
    assert.equal(new Set(people.map((person) => person.email)).size, 84);
    assert.equal(new Set(people.map((person) => person.lastName)).size, 83, "two of the stories' people are Reyes");
    assert.ok(people.every((person) => /^[a-z]+\.[a-z]+@harborpine\.example$/.test(person.email)));
    assert.equal(people.filter((person) => person.managerId === null).length, 1);
    assert.equal(systems.crm?.accounts.length, 65);
    assert.equal(systems.inbox?.accounts.length, 50);
    assert.equal(people[39]?.email, "maya.okafor@harborpine.example");
  }
});

test("the CRM is full, and Maya owns 143 leads in it that her manager can take", () => {
  assert.equal(crm?.seats, crm?.accounts.length);
  const maya = named("Maya Okafor");
  assert.equal(maya.lastDay, "2026-11-20");
  assert.equal(maya.managerId, named("Jonah Reyes").employeeId);
  const owned = new Map(crm?.accounts.map((account) => [account.email, account.holdings]));
  assert.deepEqual([owned.get(maya.email), owned.get(named("Jonah Reyes").email)], [143, 61]);
  assert.ok(crm?.teams.includes("East Coast Team"));
});

test("mover, joiner, rehire, changed name, second domain, stray administrator and stranger are planted", () => {
  const inInbox = (name: string) => inbox?.accounts.find((one) => one.employeeId === named(name).employeeId);
  const inCrm = (name: string) => crm?.accounts.find((one) => one.employeeId === named(name).employeeId);
  assert.equal(named("Liam Castillo").department, "Sales");
  assert.deepEqual([inInbox("Liam Castillo")?.teams, inCrm("Liam Castillo")], [["Support"], undefined]);
  assert.deepEqual([named("Priya Nakamura").startDate, inInbox("Priya Nakamura")], ["2026-11-23", undefined]);
  assert.equal(inInbox("Tomas Lindqvist")?.state, "inactive");
  assert.equal(inInbox("Grace Marlow")?.lastName, "Lin");
  assert.equal(inInbox("Cole Bergstrom")?.email, "cole.bergstrom@harborpine-realty.example");
  assert.deepEqual([inCrm("Hugo Abbott")?.admin, named("Hugo Abbott").department], [true, "Sales"]);
  assert.ok(inbox?.accounts.some((one) => one.employeeId === null && one.lastName === "Whitfield"));
});

test("the committed rosters are what the company's generator writes", () => {
  assert.equal(sample("harborpine-roster.csv"), rosterCsv(company));
  assert.equal(sample("harborpine-roster-short.csv"), shortRosterCsv(company));
});

test("the short roster lacks the last 30 rows and nothing else", () => {
  const [whole, short] = [rosterCsv(company).split("\n"), shortRosterCsv(company).split("\n")];
  assert.equal(whole.length, 86, "header, 84 rows and the end of the last line");
  assert.deepEqual(short, [...whole.slice(0, 55), ""]);
});
