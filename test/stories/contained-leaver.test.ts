import assert from "node:assert/strict";
import { test } from "node:test";
import { planFor, scenario, stepsLeft } from "../crash/scenario.ts";
import { storePlan } from "../crash/sites.ts";
import { World } from "../world.ts";

test("[FUB-26] a leaver who was cut off and is out of the list since is still found, planned for and taken away", async () => {
  const world = await World.open(scenario(3));
  try {
    const first = await world.apply(await storePlan(world, await planFor(world)), []);
    assert.notEqual(first.exit, 0);
    const users = (): readonly unknown[] => world.rows("followupboss", "users").map((user) => user["activeFlag"]);
    assert.equal(users().filter((active) => active === false).length, 1);
    await world.drive(world.clock.sleep(3_600_000));

    // The list hides her now; only a read by id still shows her.
    const left = (await stepsLeft(world)).filter((step) => step.app === "followupboss");
    assert.deepEqual(
      left.map((step) => [step.action.verb, step.target.id]),
      [
        ["verifyNone", "3"],
        ["remove", "3"],
      ],
    );
    await world.apply(await storePlan(world, await planFor(world)), ["ann", "bob"]);
    assert.ok(!world.rows("followupboss", "users").some((user) => user["id"] === 3));
    assert.deepEqual(
      (await stepsLeft(world)).map((step) => step.title),
      [],
    );
  } finally {
    await world.close();
  }
});
