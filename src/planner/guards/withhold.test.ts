import assert from "node:assert/strict";
import { test } from "node:test";
import { makeDraft } from "../testing/drafts.ts";
import { withhold } from "./withhold.ts";

test("takes out a step with its group and with everything that waits for one of them, and says why once", () => {
  const drafts = [
    makeDraft("contain", { group: "maya" }),
    makeDraft("hand-over", { group: "maya", dependsOn: ["contain"] }),
    makeDraft("delete", { group: "maya", dependsOn: ["hand-over"] }),
    makeDraft("create", { group: "liam", rank: "joiner", dependsOn: ["delete"] }),
    makeDraft("join", { group: "liam team", rank: "joiner", dependsOn: ["create"] }),
    makeDraft("other", { group: "zoe" }),
  ];
  const { kept, heldBack } = withhold(drafts, new Map([["delete", "protected"]]));
  assert.deepEqual(
    kept.map((draft) => draft.id),
    ["other"],
  );
  assert.deepEqual(heldBack, [{ app: "crm", person: "per_1", label: "Maya Okafor", reason: "protected" }]);
});

test("takes out nothing without a reason", () => {
  const drafts = [makeDraft("a"), makeDraft("b", { dependsOn: ["a"] })];
  assert.deepEqual(withhold(drafts, new Map()), { kept: drafts, heldBack: [] });
});
