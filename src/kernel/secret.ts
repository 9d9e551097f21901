import { inspect } from "node:util";

/** A value that must not be printed: every way of turning it into text gives `[secret]`. Only `transport`, and the store for its server's URL, call `expose`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  expose(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
