import { hostname } from "node:os";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";

/** Names this process in leases: no two processes have one name, also when a number is given out again. */
export function processName(clock: Clock, random: Random): string {
  return `${hostname()}-${process.pid}-${clock.now().toString(36)}-${Math.floor(random.next() * 2 ** 32).toString(36)}`;
}
