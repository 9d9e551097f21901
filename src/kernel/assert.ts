import { AppError } from "./errors.ts";

/** Stops the step when something that must hold does not. Never used for input: bad input is an `AppError` with a code. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AppError("internal", `assertion failed: ${message}`);
}

/** The value, when it must be there. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AppError("internal", `assertion failed: ${what} is missing`);
  return value;
}

/** Ends a `switch` over a union: a new member of the union becomes a type error here. */
export function unreachable(value: never): never {
  throw new AppError("internal", `assertion failed: unexpected ${JSON.stringify(value)}`);
}
