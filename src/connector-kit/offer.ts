import { VERBS, type Traits, type Verb } from "../model/traits.ts";
import type { Connector } from "./contract.ts";

type Reads = Omit<Connector, Verb>;
type Writes = Pick<Connector, Verb>;

/**
 * A connector that has exactly the writing methods which its traits declare: a capability that the profile or the
 * connection's settings took away is not there to be called.
 */
export function offer(reads: Reads, writes: Writes, traits: Traits): Connector {
  const declared = VERBS.filter((verb) => traits.verbs[verb] !== undefined && writes[verb] !== undefined);
  return { ...reads, ...Object.fromEntries(declared.map((verb) => [verb, writes[verb]])) };
}
