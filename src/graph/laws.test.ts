import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalEmail } from "../kernel/email.ts";
import { present } from "../kernel/assert.ts";
import type { Observation } from "../model/account.ts";
import type { Finding } from "../model/finding.ts";
import type { Link } from "../model/link.ts";
import type { Person } from "../model/person.ts";
import { diffRoster } from "./diff-roster.ts";
import { findDrift } from "./drift.ts";
import type { Graph } from "./graph.ts";
import { LOOK_ALIKES } from "./match/confusables.data.ts";
import { account, app, graphOf, NOW, person, policy } from "./testing/company.ts";
import { randomCompany } from "./testing/random-company.ts";

const RUNS = { numRuns: 100 };

function build(people: readonly Person[], rows: readonly Observation[], links: readonly Link[] = []): Graph {
  return graphOf({ people, apps: [app({ rows })], links });
}

function findings(graph: Graph): readonly Finding[] {
  return findDrift({ graph, policy: policy(), now: NOW, removedByUs: new Set() }).findings;
}

/** A finding without its words: row numbers may stand in them. */
function bare(finding: Finding): string {
  return `${finding.severity} ${finding.kind} ${finding.person} ${finding.account?.id}`;
}

test("[M2] the order of people, accounts and links changes neither graph nor findings", () => {
  fc.assert(
    fc.property(
      randomCompany.chain((company) =>
        fc.record({
          company: fc.constant(company),
          people: fc.shuffledSubarray([...company.people], { minLength: company.people.length }),
          rows: fc.shuffledSubarray([...company.rows], { minLength: company.rows.length }),
        }),
      ),
      ({ company, people, rows }) => {
        const first = build(company.people, company.rows);
        const second = build(people, rows);
        assert.deepEqual(second.newLinks, first.newLinks);
        assert.deepEqual(second.candidates, first.candidates);
        assert.deepEqual(findings(second), findings(first));
      },
    ),
    RUNS,
  );
});

test("resolving again with the links that were made finds the same accounts linked and makes no further link", () => {
  fc.assert(
    fc.property(randomCompany, ({ people, rows }) => {
      const first = build(people, rows);
      const second = build(people, rows, first.newLinks);
      assert.deepEqual(second.newLinks, []);
      assert.deepEqual(findings(second).map(bare), findings(first).map(bare));
    }),
    RUNS,
  );
});

test("no account has two links, and nobody gets a second account of a kind by address", () => {
  fc.assert(
    fc.property(randomCompany, ({ people, rows }) => {
      const { newLinks } = build(people, rows);
      assert.equal(new Set(newLinks.map((link) => link.account.id)).size, newLinks.length);
      assert.equal(new Set(newLinks.map((link) => link.person)).size, newLinks.length);
    }),
    RUNS,
  );
});

/** The address in another case, with space around it, or decomposed: one address all the same. */
const variant = fc.constantFrom(
  (email: string) => email.toUpperCase(),
  (email: string) => `  ${email} `,
  (email: string) => email.normalize("NFD"),
  (email: string) => email.replace(/^./, (letter) => letter.toUpperCase()),
);

test("[M3] case, space and composition of an address change nothing", () => {
  fc.assert(
    fc.property(randomCompany, variant, ({ people, rows }, change) => {
      const spelled = people.map((one) => ({
        ...one,
        email: change(one.email),
        emailKey: present(canonicalEmail(change(one.email)), "key"),
      }));
      const shown = rows.map((row) =>
        row.noun === "account" && row.email !== null ? { ...row, email: change(row.email) } : row,
      );
      const plain = findings(build(people, rows)).map(bare);
      assert.deepEqual(findings(build(spelled, rows)).map(bare), plain);
      assert.deepEqual(findings(build(people, shown)).map(bare), plain);
    }),
    RUNS,
  );
});

const lookAlike = fc.constantFrom(...Object.entries(LOOK_ALIKES).filter(([sign]) => "mayokfr".includes(sign)));

test("[M3] a person whose address looks like somebody's never gets that account, and loses the owner nothing", () => {
  const maya = person("E010", "Maya Okafor");
  fc.assert(
    fc.property(lookAlike, fc.nat(), ([sign, others], pick) => {
      const all = Array.from(others);
      const other = all[pick % all.length] ?? "";
      const fake = maya.email.replace(sign, other);
      const key = canonicalEmail(fake);
      fc.pre(key !== null && key !== maya.emailKey);
      const intruder = person("E666", "Mallory X", { email: fake, status: "terminated", lastDay: "2026-01-31" });
      const rows = [account("1", maya.email, { displayName: "Maya Okafor" })];
      const graph = build([maya, intruder], rows);
      assert.deepEqual(
        graph.newLinks.map((link) => link.person),
        [maya.id],
      );
      assert.ok(findings(graph).every((finding) => finding.account === null || finding.kind !== "leaver-access"));
    }),
    RUNS,
  );
});

/** Findings that a plan may take something away for. */
function destructive(list: readonly Finding[]): readonly string[] {
  return list
    .filter((finding) =>
      ["leaver-access", "role-mismatch", "team-mismatch", "admin-outside-policy"].includes(finding.kind),
    )
    .map(bare);
}

test("[M4] [S7] taking rows out of the roster adds no reason to take anything away, only questions about the missing", () => {
  fc.assert(
    fc.property(
      randomCompany.chain((company) =>
        fc.record({ company: fc.constant(company), kept: fc.subarray([...company.people], { minLength: 1 }) }),
      ),
      ({ company, kept }) => {
        const previous = new Map(company.people.map((one) => [one.key, one]));
        const diff = diffRoster({ source: "hr", importId: "imp_2", previous, entries: kept, whole: true });
        const after = new Map(company.people.map((one) => [one.id, one]));
        for (const one of diff.writes) after.set(one.id, one);
        const links = build(company.people, company.rows).newLinks;
        const before = findings(build(company.people, company.rows, links));
        const now = findings(build([...after.values()], company.rows, links));
        const known = new Set(destructive(before));
        assert.deepEqual(
          destructive(now).filter((finding) => !known.has(finding)),
          [],
        );
        const questions = now.filter((finding) => finding.kind === "vanished-person").length;
        const missing = company.people.filter((one) => !kept.includes(one));
        const stillHere = missing.filter(
          (one) => one.status !== "terminated" || one.accessEndsAt === "2027-01-01T08:00:00.000Z",
        );
        assert.equal(questions, stillHere.length);
      },
    ),
    RUNS,
  );
});

test("[M5] an unrelated person changes findings about that person only", () => {
  const stranger = person("E999", "Zebulon Quix", {
    email: "zebulon.quix@harborpine.example",
    office: "Boston",
    phone: "+49 30 1234567",
  });
  fc.assert(
    fc.property(randomCompany, ({ people, rows }) => {
      const before = findings(build(people, rows)).map(bare);
      const after = findings(build([...people, stranger], rows));
      assert.deepEqual(after.filter((finding) => finding.person !== stranger.id).map(bare), before);
      assert.deepEqual(
        after.filter((finding) => finding.person === stranger.id).map((finding) => finding.kind),
        ["missing"],
      );
    }),
    RUNS,
  );
});

test("[S7] nothing is ever found to be missing, and nobody to have left, because a list was cut short", () => {
  fc.assert(
    fc.property(randomCompany, fc.integer({ min: 0, max: 12 }), ({ people, rows }, length) => {
      const whole = build(people, rows);
      const cut = graphOf({
        people,
        apps: [app({ rows: rows.slice(0, length), complete: false })],
        links: whole.newLinks,
      });
      assert.ok(findings(cut).every((finding) => finding.kind !== "vanished-account"));
      assert.ok(findings(cut).every((finding) => finding.kind !== "missing" || finding.account !== null));
    }),
    RUNS,
  );
});
