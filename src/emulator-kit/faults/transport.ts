import type { Answer, FaultDefinition, FaultPlan, Wire } from "./scene.ts";

/** Nothing is handled, the connection ends (or hangs) in this way. */
function unheard(wire: Wire): Partial<FaultPlan> {
  const nothing: Answer = { status: 200, headers: [], body: null, pieces: null };
  return { instead: nothing, wire };
}

/** One way to end a connection, either before the handler or after its effect. */
function ending(wire: Wire, first: "before" | "after"): FaultDefinition {
  return {
    phases: first === "before" ? ["before", "after"] : ["after", "before"],
    build: (_parameters, phase) => ({ plan: () => (phase === "after" ? { wire } : unheard(wire)) }),
  };
}

const latency: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const ms = parameters.number("ms", 1000);
    const jitterMs = parameters.number("jitterMs", 0);
    const tail = parameters.flag("tail", false);
    return {
      plan(scene) {
        // The heavy tail is Pareto with exponent 1.2: most waits are near `ms`, a few are many times as long.
        const stretch = tail ? (1 - scene.random.next()) ** (-1 / 1.2) : 1;
        const waitMs = Math.min(3_600_000, ms * stretch + jitterMs * scene.random.next());
        return phase === "before" ? { waitMs } : { holdMs: waitMs };
      },
    };
  },
};

function slow(part: "headers" | "body"): FaultDefinition {
  return {
    phases: ["after"],
    build(parameters) {
      const wire: Wire = { kind: "slow", part, bytesPerSecond: Math.max(1, parameters.number("bytesPerSecond", 1)) };
      return { plan: () => ({ wire }) };
    },
  };
}

/** F02 shuts the door for as long as its rule stands; the server does it, there is no request to act on. */
const refused: FaultDefinition = { phases: ["before"], build: () => ({ applies: () => false, plan: () => ({}) }) };

const secondOnSocket: FaultDefinition = {
  phases: ["before"],
  build: () => ({ applies: (scene) => scene.requestsOnSocket >= 2, plan: () => unheard({ kind: "reset" }) }),
};

export const TRANSPORT_FAULTS: Readonly<Record<string, FaultDefinition>> = {
  F01: latency,
  F02: refused,
  F04: { phases: ["before"], build: () => ({ plan: () => unheard({ kind: "reset" }) }) },
  F05: { phases: ["after"], build: () => ({ plan: () => ({ wire: { kind: "reset" } }) }) },
  F06: ending({ kind: "fin" }, "after"),
  F07: ending({ kind: "half-status" }, "after"),
  F08: { phases: ["before"], build: () => ({ plan: () => unheard({ kind: "hang" }) }) },
  F09: { phases: ["after"], build: () => ({ plan: () => ({ wire: { kind: "hang" } }) }) },
  F10: slow("headers"),
  F11: slow("body"),
  F12: secondOnSocket,
};
