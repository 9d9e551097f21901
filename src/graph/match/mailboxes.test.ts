import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../kernel/assert.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import { sharedMailboxTest } from "./mailboxes.ts";

const isShared = sharedMailboxTest();

function shared(local: string): boolean {
  return isShared(present(canonicalEmail(`${local}@x.example`), local));
}

test("[B8] addresses of roles are known, with places, numbers and tags beside them", () => {
  for (const local of [
    "sales",
    "info",
    "Support",
    "sales-east",
    "support.eu",
    "leads+web",
    "sales2",
    "no-reply",
    "hr",
  ]) {
    assert.equal(shared(local), true, local);
  }
});

test("[B8] people are not taken for roles", () => {
  for (const local of ["maya.okafor", "sal", "infante", "team.okafor", "it.smith", "al", "jo", "mark.west", "west"]) {
    assert.equal(shared(local), false, local);
  }
});
