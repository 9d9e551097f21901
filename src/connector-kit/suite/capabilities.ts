import assert from "node:assert/strict";
import { VERBS } from "../../model/traits.ts";
import type { BenchTest, SuiteSubject } from "../suite.ts";

/** A capability is there exactly when its method is. */
export function capabilityCases(subject: SuiteSubject, benchTest: BenchTest): void {
  benchTest("has a method for each verb that it declares, and for no other", async ({ connector, traits }) => {
    for (const verb of VERBS) {
      assert.equal(connector[verb] !== undefined, traits.verbs[verb] !== undefined, verb);
    }
    const holdings = Object.values(traits.kinds).some((kind) => kind.noun === "holding");
    assert.equal(connector.holdings !== undefined, holdings, "holdings");
    assert.equal(traits.create !== null, traits.verbs.create !== undefined);
    assert.equal(traits.remove !== null, traits.verbs.remove !== undefined);
    if (traits.contain !== null) assert.ok(traits.verbs[traits.contain]);
    assert.equal(traits.reactivate === "api", traits.verbs.reactivate !== undefined);
    assert.equal(traits.reactivate === "by-hand", traits.reactivateByHand !== null);
  });

  benchTest("tests every verb that it declares", async ({ traits }) => {
    const tested = new Set(subject.writes.map((write) => write.verb));
    assert.deepEqual([...tested].sort(), Object.keys(traits.verbs).sort());
  });

  benchTest("lists every kind that it declares, proven as it declares", async ({ traits }) => {
    const declared = Object.fromEntries(Object.entries(traits.kinds).map(([kind, { proof }]) => [kind, proof]));
    assert.deepEqual(Object.fromEntries(subject.listings.map(({ kind, proof }) => [kind, proof])), declared);
  });

  const verb = subject.writes[0]?.verb ?? "create";
  const off = async ({ connector, traits }: Parameters<Parameters<BenchTest>[1]>[0]): Promise<void> => {
    assert.equal(traits.verbs[verb], undefined);
    assert.equal(connector[verb], undefined);
  };
  benchTest(`loses ${verb} with its method when the connection switches it off`, off, { off: [verb] });
}
