import { z } from "zod";

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `15m`, `90s`, `2h`, `1d` as milliseconds; null for anything else. */
function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** A duration in the file; milliseconds after parsing. */
export function duration(options: { readonly leastMs: number; readonly mostMs: number; readonly range: string }) {
  return z
    .string("must be a time such as 30s, 15m, 2h or 7d")
    .meta({ pattern: "^[0-9]{1,6}[smhd]$", description: "A time: 30s, 15m, 2h, 7d." })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms === null) {
        context.addIssue({ code: "custom", message: "must be a time such as 30s, 15m, 2h or 7d" });
        return z.NEVER;
      }
      if (ms < options.leastMs || ms > options.mostMs) {
        context.addIssue({ code: "custom", message: `must be ${options.range}` });
        return z.NEVER;
      }
      return ms;
    });
}

/** Whole days in the file (`0d`, `30d`); days after parsing. */
export function days(most: number) {
  return z
    .string("must be days, such as 0d or 30d")
    .meta({ pattern: "^[0-9]{1,6}d$", description: "Whole days: 0d, 30d." })
    .transform((text, context) => {
      const match = /^(\d{1,6})d$/.exec(text.trim());
      if (match === null || Number(match[1]) > most) {
        context.addIssue({ code: "custom", message: `must be days from 0d to ${most}d` });
        return z.NEVER;
      }
      return Number(match[1]);
    });
}

/** `5` or `5%`; a number from 0 to 100 after parsing. */
export const percent = z
  .any()
  .meta({ type: ["string", "number"], description: "A percentage: 5 or 5%." })
  .transform((value: unknown, context) => {
    const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
    const match = /^(\d{1,3}(?:\.\d{1,3})?)\s?%?$/.exec(text);
    if (match === null) {
      context.addIssue({ code: "custom", message: "must be a percentage such as 5 or 5%" });
      return z.NEVER;
    }
    const number = Number(match[1]);
    if (number > 100) {
      context.addIssue({ code: "custom", message: "must be at most 100" });
      return z.NEVER;
    }
    return number;
  });
