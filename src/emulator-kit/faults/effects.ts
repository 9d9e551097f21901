import { toHttpDate } from "../../kernel/dates.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import { json, type EmulatorRequest, type EmulatorResponse } from "../contract.ts";
import { isObject } from "./answers.ts";
import { toAnswer, withHeader, type Answer, type FaultAction, type FaultDefinition, type Scene } from "./scene.ts";

const isRead = (scene: Scene): boolean => scene.request.method === "GET" || scene.request.method === "HEAD";
const isWrite = (scene: Scene): boolean => !isRead(scene);

function inPast(scene: Scene, ms: number): (work: () => EmulatorResponse) => EmulatorResponse {
  return (work) => scene.store.inPast(scene.now - ms, work);
}

const staleReads: FaultDefinition = {
  phases: ["during"],
  build(parameters) {
    const ms = parameters.number("ms", 60_000);
    return { applies: isRead, plan: (scene) => ({ view: inPast(scene, ms) }) };
  },
};

/** F51: two replicas answer in turn, the second one is behind: values flip forth and back. */
const replicas: FaultDefinition = {
  phases: ["during"],
  build(parameters) {
    const ms = parameters.number("ms", 60_000);
    return { applies: isRead, plan: (scene, turn) => (turn % 2 === 0 ? { view: inPast(scene, ms) } : {}) };
  },
};

const visibleLater: FaultDefinition = {
  phases: ["during"],
  build(parameters) {
    const ms = parameters.number("ms", 60_000);
    return { applies: isWrite, plan: () => ({ effect: { kind: "later", ms } }) };
  },
};

const lostWrite: FaultAction = { applies: isWrite, plan: () => ({ effect: { kind: "lose" } }) };

/** F55: the answer speaks of all fields, but the named ones were not taken. */
const partialWrite: FaultDefinition = {
  phases: ["during"],
  build(parameters) {
    const fields = parameters.texts("fields");
    return {
      applies: (scene) => isWrite(scene) && isObject(scene.request.body),
      plan: (scene) => ({ effect: { kind: "partial", request: withoutFields(scene.request, fields) } }),
    };
  },
};

/** Without names, every second field is left out. */
function withoutFields(request: EmulatorRequest, fields: readonly string[]): EmulatorRequest {
  if (!isObject(request.body)) return request;
  const kept = Object.entries(request.body).filter(([name], index) =>
    fields.length === 0 ? index % 2 === 0 : !fields.includes(name),
  );
  const body: JsonObject = Object.fromEntries(kept);
  return { ...request, body, text: JSON.stringify(body) };
}

/** The refusal of the handler under another status, as a 200 that says "error", or with another body. */
function restate(status: number | null, body: JsonValue | undefined): ((answer: Answer) => Answer) | null {
  if (status === null && body === undefined) return null;
  return (answer) => {
    if (answer.status < 400) return answer;
    const message = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    if (body !== undefined || status === 200) {
      return toAnswer(json(status ?? answer.status, body ?? { status: "error", message }));
    }
    return { ...answer, status: status ?? answer.status };
  };
}

const seats: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const left = parameters.number("left", 0);
    const status = parameters.numberOrNull("status");
    const body = parameters.json("answer");
    return {
      applies: (scene) => isWrite(scene) && scene.module.faults.takeSeats !== undefined,
      plan: (scene) => ({
        prepare: () => scene.meddle(() => scene.module.faults.takeSeats?.(scene.context, left)),
        rewrite: restate(status, body),
      }),
    };
  },
};

const duplicateEmail: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const hidden = parameters.flag("hidden", false);
    const given = parameters.textOrNull("email");
    const status = parameters.numberOrNull("status");
    const body = parameters.json("answer");
    const emailOf = (scene: Scene): string | null => given ?? emailIn(scene.request.body);
    return {
      applies: (scene) => scene.module.faults.holdEmail !== undefined && isWrite(scene) && emailOf(scene) !== null,
      plan: (scene) => ({
        prepare: () => scene.meddle(() => scene.module.faults.holdEmail?.(scene.context, emailOf(scene) ?? "", hidden)),
        rewrite: restate(status, body),
      }),
    };
  },
};

function emailIn(body: JsonValue): string | null {
  if (!isObject(body)) return null;
  const email = body["email"] ?? body["userName"];
  return typeof email === "string" ? email : null;
}

const lastAdmin: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const status = parameters.number("status", 422);
    const message = parameters.text("message", "the last administrator cannot be removed");
    return {
      applies: ({ call, module }) => call !== null && module.faults.removesLastAdmin?.(call) === true,
      plan: (scene) => ({ instead: toAnswer(scene.module.problem(status, message)) }),
    };
  },
};

/** F63: another admin edits between plan and apply, or right behind our write. */
const thirdParty: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const op = parameters.oneOf("op", ["update", "create", "delete"]);
    const kind = parameters.text("kind", "");
    const id = parameters.textOrNull("id");
    const data = parameters.object("data");
    return {
      plan(scene) {
        const edit = (): void => void scene.mutate(op, kind, id, data);
        return phase === "before" ? { prepare: edit } : { follow: edit };
      },
    };
  },
};

const newHolding: FaultDefinition = {
  phases: ["after", "before"],
  build(_parameters, phase) {
    return {
      applies: ({ call, module }) => call !== null && module.faults.bringHolding !== undefined,
      plan(scene) {
        const { call } = scene;
        const bring = (): void => {
          if (call !== null) scene.meddle(() => scene.module.faults.bringHolding?.(call));
        };
        return phase === "before" ? { prepare: bring } : { follow: bring };
      },
    };
  },
};

const invitation: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const outcome = parameters.oneOf("outcome", ["accepted", "declined", "expired"]);
    const email = parameters.textOrNull("email");
    return {
      applies: ({ module }) => module.faults.settleInvitation !== undefined,
      plan(scene) {
        const settle = (): void =>
          scene.meddle(() => scene.module.faults.settleInvitation?.(scene.context, email, outcome));
        return phase === "before" ? { prepare: settle } : { follow: settle };
      },
    };
  },
};

const serverDate: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const skewMs = parameters.number("skewSeconds", 86_400) * 1000;
    return {
      plan: (scene) => ({ rewrite: (answer) => withHeader(answer, "Date", toHttpDate(scene.now + skewMs)) }),
    };
  },
};

export const EFFECT_FAULTS: Readonly<Record<string, FaultDefinition>> = {
  F50: staleReads,
  F51: replicas,
  F52: visibleLater,
  F54: { phases: ["during"], build: () => lostWrite },
  F55: partialWrite,
  F60: seats,
  F61: duplicateEmail,
  F62: lastAdmin,
  F63: thirdParty,
  F64: newHolding,
  F65: invitation,
  F80: serverDate,
};
