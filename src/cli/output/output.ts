import type { AppEvent } from "../../app/contract.ts";
import type { AppError } from "../../kernel/errors.ts";
import type { OutputFormat } from "../settings.ts";
import { errorDocument, renderError } from "./errors.ts";
import type { Style } from "./style.ts";
import { cleanDocument, cleanText } from "./text.ts";

/** A document of the product: it says which schema it follows. */
export interface Document {
  readonly schema: string;
}

export type Renderer<T> = (document: T, style: Style) => readonly string[];

/** Where a command's words go. Data on stdout, talk on stderr. */
export interface Output {
  readonly format: OutputFormat;
  readonly style: Style;
  /** Progress: one object a line with ndjson, the given sink with text, nothing with json. */
  readonly event: (event: AppEvent) => void;
  /** The one result of a command. */
  readonly result: <T extends Document>(document: T, render: Renderer<T>) => void;
  /** What to type next; text only. */
  readonly next: (...lines: readonly string[]) => void;
  /** Remarks for people; text only. */
  readonly say: (text: string) => void;
  /** In every format as text on stderr; with json and ndjson as a document on stdout too. */
  readonly fail: (error: AppError) => void;
}

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly style: Style;
  readonly errorStyle: Style;
  readonly onEvent: (event: AppEvent) => void;
  /** Flags that the command was given and the next one needs too: `--data-dir ./other`. */
  readonly flags: string;
}

export function createOutput(options: OutputOptions): Output {
  const { format, out, err } = options;
  const isText = format === "text";
  const print = (document: object): void => {
    if (format === "ndjson") out(`${JSON.stringify({ type: "result", ...document })}\n`);
    else out(`${JSON.stringify(document, null, 2)}\n`);
  };
  return {
    format,
    style: options.style,
    event(event) {
      if (format === "ndjson") out(`${JSON.stringify(event)}\n`);
      else if (isText) options.onEvent(cleanDocument(event));
    },
    result(document, render) {
      if (!isText) {
        print(document);
        return;
      }
      const lines = render(cleanDocument(document), options.style);
      if (lines.length > 0) out(`${lines.join("\n")}\n`);
    },
    next(...lines) {
      if (!isText) return;
      lines.forEach((line, index) => {
        const typed = options.flags === "" ? line : line.replaceAll(/\btenure (?=[a-z])/g, `tenure ${options.flags} `);
        err(`${index === 0 ? "Next: " : "      "}${cleanText(typed)}\n`);
      });
    },
    say(text) {
      if (isText) err(`${cleanText(text)}\n`);
    },
    fail(error) {
      if (!isText) print(errorDocument(error));
      err(`${renderError(error, options.errorStyle).join("\n")}\n`);
    },
  };
}
