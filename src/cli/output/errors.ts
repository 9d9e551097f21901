import { ERROR_TRAITS, type AppError, type ErrorCode, type ErrorDetails } from "../../kernel/errors.ts";
import type { Style } from "./style.ts";
import { cleanText } from "./text.ts";

/** An error as a document: `tenure.error/v1`. */
export interface ErrorDocument {
  readonly schema: "tenure.error/v1";
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: readonly string[];
  readonly details: ErrorDetails;
  readonly exit: number;
}

/** The first line says what failed; the lines below it say where, and what to do next. */
function parts(error: AppError): { readonly message: string; readonly next: readonly string[] } {
  const [first = "", ...rest] = error.message.split("\n").map((line) => cleanText(line.trimEnd()));
  if (error.code === "internal") {
    return { message: first, next: [...rest, "This is a defect of Tenure. Nothing more was done."] };
  }
  return { message: first, next: rest };
}

export function exitOf(error: AppError): number {
  return ERROR_TRAITS[error.code].exit;
}

export function errorDocument(error: AppError): ErrorDocument {
  const { message, next } = parts(error);
  return { schema: "tenure.error/v1", code: error.code, message, next, details: error.details, exit: exitOf(error) };
}

export function renderError(error: AppError, style: Style): readonly string[] {
  const { message, next } = parts(error);
  return [`${style.red("error:")} ${message}`, ...next.filter((line) => line !== "").map((line) => `  ${line}`)];
}
