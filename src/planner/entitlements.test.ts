import assert from "node:assert/strict";
import { test } from "node:test";
import { teamsUnderRules } from "./entitlements.ts";
import { makeRule } from "./testing/company.ts";

function governs(...teams: readonly string[]): (name: string) => boolean {
  const rules = [makeRule("some", {}, { crm: { teams } })];
  return teamsUnderRules(rules).get("crm") ?? (() => false);
}

test("a rule speaks of the team it names, however it is written, and of no other", () => {
  const speaksOf = governs("East Coast  Team");
  assert.equal(speaksOf("east coast team"), true);
  assert.equal(speaksOf("East Coast"), false);
  assert.equal(speaksOf("North East Coast Team"), false);
});

test("a field in a rule's team stands for any words but not for none", () => {
  const speaksOf = governs("{office} Team");
  assert.equal(speaksOf("Oakland Team"), true);
  assert.equal(speaksOf("New York City Team"), true);
  assert.equal(speaksOf("Team"), false);
  assert.equal(speaksOf("Oakland Teams"), false);
});

test("signs in a team's name mean themselves", () => {
  const speaksOf = governs("R&D (core) [x].*");
  assert.equal(speaksOf("R&D (core) [x].*"), true);
  assert.equal(speaksOf("R&D (core) [x]abc"), false);
});

test("rules of one app say nothing about teams of another", () => {
  const rules = [makeRule("some", {}, { crm: { teams: ["Sales"] } })];
  assert.equal(teamsUnderRules(rules).has("inbox"), false);
});
