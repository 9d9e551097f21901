import { wallTime } from "../kernel/dates.ts";
import type { KindTraits, Traits } from "../model/traits.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** "20 Nov 2026". */
export function dayText(date: string): string {
  const [year, month, day] = date.split("-");
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}

/** "20 Nov 2026 17:00 America/Los_Angeles": a time at which something happens always carries its zone. */
export function timeText(epochMs: number, zone: string): string {
  const { date, minutes } = wallTime(epochMs, zone);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${dayText(date)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} ${zone}`;
}

/** "1 lead", "143 leads", with the app's own words. */
export function countText(count: number, words: { readonly one: string; readonly many: string }): string {
  return `${count} ${count === 1 ? words.one : words.many}`;
}

export function people(count: number): string {
  return countText(count, { one: "person", many: "people" });
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}

/** "1.2 %". */
export function percentText(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${(Math.round((part / whole) * 1000) / 10).toString()} %`;
}

/** The app's words for a kind; the kind itself where the manifest has none. */
export function wordsOf(traits: Traits, kind: string): Pick<KindTraits, "one" | "many"> {
  return traits.kinds[kind] ?? { one: kind, many: `${kind}s` };
}

export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Names are compared without regard to spacing, case or composed letters. */
export function nameKey(name: string | null): string {
  return (name ?? "").normalize("NFC").trim().replace(/\s+/gu, " ").toLowerCase();
}
