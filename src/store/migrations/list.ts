import { first } from "./0001-first.ts";
import type { Migration } from "./migration.ts";

/** All of them, in order. A released one is never changed: the next number mends it. */
export const MIGRATIONS: readonly Migration[] = [first];
