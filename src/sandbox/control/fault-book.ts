import type { FaultRule, RuleReport, RunningEmulator } from "../../emulator-kit/running.ts";
import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, type JsonValue } from "../../kernel/json.ts";

/** The fault rules of all apps of a sandbox as one list. */
export interface FaultBook {
  /** Replaces all rules. When one of them is refused (`bad_input`), the old ones stay. */
  set(rules: readonly JsonValue[]): Promise<void>;
  /** How often each rule has fired, in the order in which they were given; a rule for every app counts all of them. */
  report(): readonly RuleReport[];
  /** After a reset: the emulators have none left. */
  forget(): void;
}

interface Placed {
  /** Index of the rule in the list that was given. */
  readonly index: number;
  readonly rule: FaultRule;
}

export function createFaultBook(emulators: ReadonlyMap<string, RunningEmulator>): FaultBook {
  let count = 0;
  let placed: ReadonlyMap<string, readonly Placed[]> = new Map();
  const install = async (next: ReadonlyMap<string, readonly Placed[]>): Promise<void> => {
    for (const [app, emulator] of emulators) await emulator.setFaults((next.get(app) ?? []).map(({ rule }) => rule));
  };
  return {
    async set(given) {
      const rules = given.map(readRule);
      const next = new Map<string, Placed[]>();
      for (const [index, rule] of rules.entries()) {
        for (const app of appsOf(rule, emulators)) next.set(app, [...(next.get(app) ?? []), { index, rule }]);
      }
      try {
        await install(next);
      } catch (error) {
        await install(placed);
        throw error;
      }
      placed = next;
      count = rules.length;
    },
    report() {
      const fired = Array.from({ length: count }, () => 0);
      for (const [app, list] of placed) {
        const reports = emulators.get(app)?.faults() ?? [];
        for (const [place, { index }] of list.entries())
          fired[index] = (fired[index] ?? 0) + (reports[place]?.fired ?? 0);
      }
      return fired.map((times, index) => ({ id: `rule-${index + 1}`, fired: times }));
    },
    forget() {
      placed = new Map();
      count = 0;
    },
  };
}

/** The kit checks everything else; here only that it is a rule at all. */
function readRule(value: JsonValue): FaultRule {
  if (!isJsonObject(value)) throw new AppError("bad_input", "rules: each rule must be an object");
  const { fault, app, method, path, body, nth, times, probability, seed, phase, ...parameters } = value;
  const text = { app, method, path, body, phase };
  const wrongText = Object.entries(text).find(([, one]) => one !== undefined && typeof one !== "string");
  const numbers = { nth, times, probability, seed };
  const wrongNumber = Object.entries(numbers).find(([, one]) => one !== undefined && typeof one !== "number");
  if (typeof fault !== "string") throw new AppError("bad_input", "rules: fault must be a code such as F20");
  if (wrongText !== undefined) throw new AppError("bad_input", `rules: ${wrongText[0]} must be a text`);
  if (wrongNumber !== undefined) throw new AppError("bad_input", `rules: ${wrongNumber[0]} must be a number`);
  const given = Object.entries({ ...text, ...numbers }).filter(([, one]) => one !== undefined);
  return { ...parameters, ...Object.fromEntries(given), fault };
}

function appsOf(rule: FaultRule, emulators: ReadonlyMap<string, RunningEmulator>): readonly string[] {
  const app = rule["app"];
  if (app === undefined) return [...emulators.keys()];
  if (typeof app === "string" && emulators.has(app)) return [app];
  throw new AppError("bad_input", `rules: there is no app ${JSON.stringify(app)} in this sandbox`);
}
