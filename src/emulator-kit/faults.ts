import { AppError } from "../kernel/errors.ts";
import { seededRandom, type Random } from "../kernel/random.ts";
import { ANSWER_FAULTS } from "./faults/answers.ts";
import { EFFECT_FAULTS } from "./faults/effects.ts";
import { PAGE_FAULTS } from "./faults/pages.ts";
import { readParameters } from "./faults/parameters.ts";
import type { FaultAction, FaultDefinition, FaultPlan, Scene } from "./faults/scene.ts";
import { SHAPE_FAULTS } from "./faults/shapes.ts";
import { TRANSPORT_FAULTS } from "./faults/transport.ts";
import type { FaultRule, RuleReport } from "./running.ts";

const DEFINITIONS: Readonly<Record<string, FaultDefinition>> = {
  ...TRANSPORT_FAULTS,
  ...ANSWER_FAULTS,
  ...SHAPE_FAULTS,
  ...PAGE_FAULTS,
  ...EFFECT_FAULTS,
};

/** The codes that a rule may name. */
export const FAULT_CODES: readonly string[] = Object.keys(DEFINITIONS).sort();

/** Rules a set may have. */
const MOST_RULES = 1000;

interface CompiledRule {
  readonly id: string;
  readonly rule: FaultRule;
  readonly path: RegExp | null;
  readonly body: RegExp | null;
  readonly random: Random;
  readonly action: FaultAction;
  seen: number;
  fired: number;
}

/** The fault rules of one emulator: which one fires for a request, and how often each did. */
export interface Faults {
  /** Replaces all rules. Throws `bad_input` and keeps the old ones when one makes no sense. */
  set(rules: readonly FaultRule[]): void;
  report(): readonly RuleReport[];
  /** The first rule that fires for this request, with what it does. */
  match(scene: Scene): { readonly code: string; readonly plan: Partial<FaultPlan> } | null;
  /** Whether a rule keeps the door shut (F02). It counts as fired once: refused connections cannot be counted. */
  readonly shut: boolean;
}

export function createFaults(): Faults {
  let rules: readonly CompiledRule[] = [];
  return {
    set(given) {
      if (given.length > MOST_RULES) throw new AppError("bad_input", `at most ${MOST_RULES} fault rules`);
      rules = given.map((rule, index) => compile(rule, `rule-${index + 1}`));
      for (const rule of rules) if (rule.rule.fault === "F02") rule.fired = 1;
    },
    report: () => rules.map(({ id, fired }) => ({ id, fired })),
    match(scene) {
      let chosen: CompiledRule | null = null;
      for (const rule of rules) {
        if (!concerns(rule, scene)) continue;
        rule.seen += 1;
        if (chosen === null && isDue(rule)) chosen = rule;
      }
      if (chosen === null) return null;
      chosen.fired += 1;
      return { code: chosen.rule.fault, plan: chosen.action.plan(scene, chosen.fired) };
    },
    get shut() {
      return rules.some(({ rule }) => rule.fault === "F02");
    },
  };
}

function concerns({ rule, path, body, action }: CompiledRule, scene: Scene): boolean {
  const { request } = scene;
  if (rule.method !== undefined && rule.method.toUpperCase() !== request.method) return false;
  if (path !== null && !path.test(request.path)) return false;
  if (body !== null && !body.test(request.text)) return false;
  return action.applies?.(scene) ?? true;
}

/** The count of matching requests stands at this one. */
function isDue({ rule, seen, fired, random }: CompiledRule): boolean {
  const first = rule.nth ?? 1;
  const times = rule.times ?? (rule.nth === undefined ? Number.POSITIVE_INFINITY : 1);
  if (seen < first || fired >= times) return false;
  return rule.probability === undefined || random.next() < rule.probability;
}

function compile(rule: FaultRule, id: string): CompiledRule {
  const definition = DEFINITIONS[rule.fault];
  if (definition === undefined) {
    throw new AppError("bad_input", `there is no fault ${rule.fault}: use one of ${FAULT_CODES.join(", ")}`);
  }
  const phase = rule.phase ?? definition.phases[0];
  if (!definition.phases.includes(phase)) {
    throw new AppError("bad_input", `fault ${rule.fault} has no phase ${phase}, only ${definition.phases.join(", ")}`);
  }
  checkCounts(rule);
  const { parameters, close } = readParameters(rule);
  const action = definition.build(parameters, phase);
  close();
  return {
    id,
    rule,
    path: compilePattern(rule.path),
    body: compilePattern(rule.body),
    random: seededRandom(rule.seed ?? 1),
    action,
    seen: 0,
    fired: 0,
  };
}

function checkCounts({ fault, nth, times, probability }: FaultRule): void {
  const isCount = (value: number | undefined): boolean =>
    value === undefined || (Number.isSafeInteger(value) && value >= 1);
  if (!isCount(nth) || !isCount(times)) {
    throw new AppError("bad_input", `fault ${fault}: nth and times are whole numbers from 1`);
  }
  if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
    throw new AppError("bad_input", `fault ${fault}: probability is a number from 0 to 1`);
  }
}

function compilePattern(pattern: string | undefined): RegExp | null {
  if (pattern === undefined) return null;
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new AppError("bad_input", `not a regular expression: ${pattern}`, { cause });
  }
}
