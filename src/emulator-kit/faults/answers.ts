import { toHttpDate } from "../../kernel/dates.ts";
import type { JsonValue } from "../../kernel/json.ts";
import { json, type LimitStanding } from "../contract.ts";
import {
  toAnswer,
  withHeader,
  type Answer,
  type FaultAction,
  type FaultDefinition,
  type FaultPlan,
  type Parameters,
  type Scene,
} from "./scene.ts";

/** Answers in place of the handler (`before`), or in place of its answer once its effect is there (`after`). */
function replacing(phase: "before" | "after" | "during", make: (scene: Scene) => Answer): FaultAction {
  return {
    plan: (scene): Partial<FaultPlan> =>
      phase === "before" ? { instead: make(scene) } : { rewrite: () => make(scene) },
  };
}

/** The vendor's own error of that status, or the body that the rule gives. */
function vendorProblem(scene: Scene, status: number, message: string, body: JsonValue | undefined): Answer {
  const answer = toAnswer(scene.module.problem(status, message));
  return body === undefined ? answer : { ...toAnswer(json(status, body)) };
}

const serverError: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const status = parameters.number("status", 500);
    const message = parameters.text("message", "injected error");
    const body = parameters.json("answer");
    return replacing(phase, (scene) => vendorProblem(scene, status, message, body));
  },
};

/** The header values that F21 writes: one, several of the same name, or none. */
function retryAfterValues(value: JsonValue | undefined, scene: Scene): readonly string[] {
  if (value === undefined || value === null || value === "absent") return [];
  if (Array.isArray(value)) return value.flatMap((one: JsonValue) => retryAfterValues(one, scene));
  if (value === "http-date") return [toHttpDate(scene.now + 30_000)];
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

const tooMany: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const retryAfter = parameters.json("retryAfter");
    const status = parameters.number("status", 429);
    return replacing(phase, (scene) => {
      const bare = withHeader(refusal(scene, status), "Retry-After", null);
      const values = retryAfterValues(retryAfter, scene);
      return { ...bare, headers: [...bare.headers, ...values.map((value) => ["Retry-After", value] as const)] };
    });
  },
};

function standingAt(scene: Scene, resetAt: number, remaining: number): LimitStanding {
  const { limit, windowSeconds } = scene.module.limits.standard;
  return { limit, remaining, windowSeconds, now: scene.now, resetAt };
}

/** The vendor's refusal of a call over the limit, with its headers. */
function refusal(scene: Scene, status: number): Answer {
  const { limits } = scene.module;
  const { options } = scene.context;
  const standing = standingAt(scene, scene.now + limits.standard.windowSeconds * 1000, 0);
  const answer = limits.refuse(standing, options);
  return toAnswer({ ...answer, status, headers: { ...answer.headers, ...limits.headers(standing, options) } });
}

type ResetKind = "seconds" | "ms" | "past" | "skewed" | "absent";

/** The vendor's limit headers with a forged reset. Which of them tell the reset shows in what changes with it. */
function forgedHeaders(
  scene: Scene,
  kind: ResetKind,
  figures: { readonly inMs: number; readonly skewMs: number; readonly remaining: number },
): ReadonlyMap<string, string | null> {
  const { limits } = scene.module;
  const { options } = scene.context;
  const resetAt = { seconds: 0, ms: 0, absent: 0, past: -figures.inMs - 60_000, skewed: figures.skewMs }[kind];
  const standing = standingAt(scene, scene.now + figures.inMs + resetAt, figures.remaining);
  const later = limits.headers({ ...standing, resetAt: standing.resetAt + 3_600_000 }, options);
  const headers = Object.entries(limits.headers(standing, options)).map(([name, value]): [string, string | null] => {
    if (later[name] === value) return [name, value];
    if (kind === "absent") return [name, null];
    return [name, kind === "ms" ? String(standing.resetAt) : value];
  });
  return new Map(headers);
}

const resetHeader: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const status = parameters.number("status", 429);
    const kind = parameters.oneOf("reset", ["seconds", "ms", "past", "skewed", "absent"]);
    const figures = {
      inMs: parameters.number("inSeconds", 30) * 1000,
      skewMs: parameters.number("skewSeconds", 600) * 1000,
      remaining: parameters.number("remaining", 0),
    };
    const make = (scene: Scene, answer: Answer): Answer => {
      let forged = answer;
      for (const [name, value] of forgedHeaders(scene, kind, figures)) forged = withHeader(forged, name, value);
      return forged;
    };
    // A status of 200 lies in the headers of an answer that is otherwise true.
    if (status === 200) return { plan: (scene) => ({ rewrite: (answer) => make(scene, answer) }) };
    return replacing(phase, (scene) => withHeader(make(scene, refusal(scene, status)), "Retry-After", null));
  },
};

const denied: FaultDefinition = {
  phases: ["before"],
  build(parameters, phase) {
    const status = parameters.number("status", 401);
    const message = parameters.text("message", status === 403 ? "access from this address is not allowed" : "denied");
    const body = parameters.json("answer");
    return replacing(phase, (scene) => vendorProblem(scene, status, message, body));
  },
};

const redirect: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const status = parameters.number("status", 302);
    const to = parameters.oneOf("to", ["same", "cross", "http"]);
    const location = parameters.textOrNull("location");
    return replacing(phase, (scene) => {
      const origins = { same: scene.context.origin, cross: "https://other.example", http: "http://other.example" };
      const target = location ?? `${origins[to]}${scene.request.path}`;
      return { status, headers: [["Location", target]], body: null, pieces: null };
    });
  },
};

const bodyOrNot: FaultDefinition = {
  phases: ["after", "before"],
  build(parameters, phase) {
    const variant = parameters.oneOf("variant", ["200-empty", "204-body"]);
    const make = (answer: Answer): Answer => {
      if (variant === "200-empty") return { ...answer, status: 200, headers: [], body: null, pieces: null };
      return { ...answer, status: 204, body: answer.body ?? { ok: true } };
    };
    const nothing: Answer = { status: 200, headers: [], body: null, pieces: null };
    return { plan: () => (phase === "before" ? { instead: make(nothing) } : { rewrite: make }) };
  },
};

const html: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const status = parameters.number("status", 200);
    const title = status === 200 ? "Sign in" : "Bad gateway";
    const page = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
    return replacing(phase, () => ({
      status,
      headers: [["Content-Type", "text/html; charset=utf-8"]],
      body: page,
      pieces: null,
    }));
  },
};

const wrongType: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const variant = parameters.oneOf("variant", ["type", "bom", "charset"]);
    return { plan: () => ({ rewrite: (answer) => mistype(answer, variant) }) };
  },
};

function mistype(answer: Answer, variant: "type" | "bom" | "charset"): Answer {
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  switch (variant) {
    case "type":
      return withHeader(answer, "Content-Type", "text/plain");
    case "bom":
      return { ...answer, body: `\u{feff}${text}` };
    case "charset":
      return {
        ...withHeader(answer, "Content-Type", "application/json; charset=utf-16le"),
        pieces: () => [Buffer.from(text, "utf16le")],
      };
  }
}

const truncated: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const framing = parameters.oneOf("variant", ["length", "chunk", "close"]);
    // Without a length the client cannot see that bytes are missing: the text that arrives is whole JSON, with fewer rows.
    const halve = (scene: Scene, answer: Answer): Answer => {
      const { pages } = scene.module;
      if (framing !== "close") return answer;
      if (pages.listing(scene.request) === null || !isObject(answer.body)) {
        const text = JSON.stringify(answer.body);
        return { ...answer, body: text.slice(0, Math.floor(text.length / 2)) };
      }
      const { rows } = pages.read(answer.body);
      return { ...answer, body: pages.write(answer.body, { rows: rows.slice(0, Math.floor(rows.length / 2)) }) };
    };
    return { plan: (scene) => ({ rewrite: (answer) => halve(scene, answer), wire: { kind: "cut", framing } }) };
  },
};

export function isObject(body: JsonValue): body is Readonly<Record<string, JsonValue>> {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}

const errorInside: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters: Parameters, phase) {
    const body = parameters.json("answer") ?? { status: "error", message: "injected error" };
    return replacing(phase, () => toAnswer(json(200, body)));
  },
};

export const ANSWER_FAULTS: Readonly<Record<string, FaultDefinition>> = {
  F20: serverError,
  F21: tooMany,
  F22: resetHeader,
  F23: denied,
  F24: redirect,
  F25: bodyOrNot,
  F26: html,
  F27: wrongType,
  F28: truncated,
  F29: errorInside,
};
