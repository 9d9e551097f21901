import type {
  AccountContext,
  Admission,
  Call,
  Credential,
  EmulatorRequest,
  EmulatorResponse,
  Shape,
} from "./contract.ts";
import type { Desk } from "./desk.ts";
import { rowId } from "./faults/pages.ts";
import { toAnswer, type Answer, type FaultPlan, type Scene, type Wire } from "./faults/scene.ts";
import type { OptionSet } from "./options.ts";
import { createRouter, type Routing } from "./routing.ts";
import type { JournalEntry } from "./running.ts";
import type { EmittedEvent, Runtime, Work } from "./runtime.ts";

/** What the server is to send, and how. */
export interface Reply {
  readonly answer: Answer;
  readonly wire: Wire;
}

/** Walks whose shown rows are remembered. */
const MOST_WALKS = 1000;

/** From a request to what is sent: credential, rate limit, fault, handler, journal. */
export class Exchange {
  readonly #runtime: Runtime;
  readonly #desk: Desk;
  readonly #route: (method: string, path: string) => Routing;
  readonly #walks = new Map<string, string[]>();
  readonly #tell: (events: readonly EmittedEvent[]) => void;
  readonly #stopped: AbortSignal;

  constructor(options: {
    readonly runtime: Runtime;
    readonly desk: Desk;
    readonly tell: (events: readonly EmittedEvent[]) => void;
    readonly stopped: AbortSignal;
  }) {
    this.#runtime = options.runtime;
    this.#desk = options.desk;
    this.#tell = options.tell;
    this.#stopped = options.stopped;
    this.#route = createRouter(options.runtime.module.routes);
  }

  async reply(request: EmulatorRequest, requestsOnSocket: number): Promise<Reply> {
    const runtime = this.#runtime;
    const { latencyMs } = runtime.options();
    if (latencyMs > 0) await runtime.clock.sleep(latencyMs, this.#stopped);
    this.#tell(runtime.settle());
    const admission = runtime.module.authenticate(request, (value) => runtime.findCredential(value), runtime.options());
    if (admission.kind !== "known") return this.#refuse(request, admission, admission.answer);
    const limit = this.#countCall(request, admission.credential);
    if (!limit.admitted) return this.#refuse(request, admission, limit.refusal);
    const scene = this.#scene(request, admission.credential, requestsOnSocket);
    const fired = runtime.faults.match(scene);
    if (fired === null) return this.#handle(scene, admission.credential, limit.headers, {}, null);
    if (fired.plan.waitMs !== undefined) {
      // A slow vendor works on when its client has gone: the effect comes all the same.
      await runtime.clock.sleep(fired.plan.waitMs, this.#stopped);
    }
    const reply = this.#handle(scene, admission.credential, limit.headers, fired.plan, fired.code);
    if (fired.plan.holdMs !== undefined) await runtime.clock.sleep(fired.plan.holdMs, this.#stopped);
    return reply;
  }

  #refuse(request: EmulatorRequest, admission: Admission, response: EmulatorResponse): Reply {
    this.#record(request, admission.kind, response.status, "none", null);
    return { answer: toAnswer(response), wire: { kind: "normal" } };
  }

  #countCall(
    request: EmulatorRequest,
    credential: Credential,
  ):
    | { readonly admitted: true; readonly headers: Readonly<Record<string, string>> }
    | { readonly admitted: false; readonly refusal: EmulatorResponse } {
    const { module, limiter, clock } = this.#runtime;
    const options = this.#runtime.options();
    const bucket = module.limits.bucket(credential, request);
    if (bucket === null) return { admitted: true, headers: {} };
    const { standard } = module.limits;
    const scheme = options.rateLimit?.scheme ?? standard.scheme;
    const figures = options.rateLimit ?? standard;
    const { admitted, standing } = limiter.take(bucket, { ...figures, scheme }, clock.now());
    const headers = scheme === "no-headers" ? {} : module.limits.headers(standing, options);
    if (admitted) return { admitted, headers };
    const refusal = module.limits.refuse(standing, options);
    const kept = Object.entries(refusal.headers).filter(
      ([name]) => scheme !== "no-headers" || name.toLowerCase() !== "retry-after",
    );
    return { admitted, refusal: { ...refusal, headers: { ...Object.fromEntries(kept), ...headers } } };
  }

  #scene(request: EmulatorRequest, credential: Credential, requestsOnSocket: number): Scene {
    const runtime = this.#runtime;
    const context = runtime.context(credential.account);
    return {
      module: runtime.module,
      request,
      account: credential.account,
      now: context.now,
      random: context.random,
      store: runtime.store,
      requestsOnSocket,
      shown: this.#walks.get(walkKey(request, credential)) ?? [],
      call: this.#call(request, credential, context)?.call ?? null,
      context,
      rehearse: (other) => {
        const work = runtime.work(() => this.#answerTo(other, credential));
        work.transaction.undo();
        return work.result;
      },
      meddle: (work) => this.#tell(runtime.work(work).events),
      mutate: (op, kind, id, data) => this.#desk.mutate(credential.account, op, kind, id, data),
    };
  }

  #handle(
    scene: Scene,
    credential: Credential,
    limitHeaders: Readonly<Record<string, string>>,
    plan: Partial<FaultPlan>,
    fault: string | null,
  ): Reply {
    plan.prepare?.();
    const request = plan.request ?? scene.request;
    let answer: Answer;
    let effect: JournalEntry["effect"] = "none";
    if (plan.instead !== undefined && plan.instead !== null) answer = plan.instead;
    else {
      const done = this.#perform(request, credential, plan);
      this.#noteRows(request, credential, done.response);
      answer = toAnswer({ ...done.response, headers: { ...done.response.headers, ...limitHeaders } });
      effect = done.effect;
    }
    plan.follow?.();
    if (plan.rewrite !== undefined && plan.rewrite !== null) answer = plan.rewrite(answer);
    const wire: Wire = plan.wire ?? { kind: "normal" };
    this.#record(scene.request, "known", statusSeen(answer, wire), effect, fault);
    return { answer, wire };
  }

  /** Runs the handler and settles what becomes of its changes. */
  #perform(
    request: EmulatorRequest,
    credential: Credential,
    plan: Partial<FaultPlan>,
  ): { readonly response: EmulatorResponse; readonly effect: JournalEntry["effect"] } {
    const runtime = this.#runtime;
    const view = plan.view ?? this.#usualView(request);
    const run = (asked: EmulatorRequest): Work<EmulatorResponse> =>
      runtime.work(() => view(() => this.#answerTo(asked, credential)));
    const work = run(request);
    const response = work.result;
    if (response.status >= 400 || !work.transaction.changed) {
      work.transaction.undo();
      return { response, effect: "none" };
    }
    const effect = plan.effect ?? { kind: "keep" };
    switch (effect.kind) {
      case "keep":
        this.#tell(work.events);
        return { response, effect: "applied" };
      case "lose":
        work.transaction.undo({ keepIds: true });
        return { response, effect: "suppressed" };
      case "later":
        runtime.postpone(work, effect.ms);
        return { response, effect: "applied" };
      case "partial": {
        work.transaction.undo();
        const lesser = run(effect.request);
        const kept = lesser.result.status < 400 && lesser.transaction.changed;
        if (kept) this.#tell(lesser.events);
        else lesser.transaction.undo();
        return { response, effect: kept ? "applied" : "suppressed" };
      }
    }
  }

  /** Reads lag behind by `consistencyDelayMs`; writes always see the present. */
  #usualView(request: EmulatorRequest): (work: () => EmulatorResponse) => EmulatorResponse {
    const { store, clock } = this.#runtime;
    const delayMs = this.#runtime.options().consistencyDelayMs;
    if (delayMs === 0 || request.method !== "GET") return (work) => work();
    return (work) => store.inPast(clock.now() - delayMs, work);
  }

  #answerTo(request: EmulatorRequest, credential: Credential): EmulatorResponse {
    const { module } = this.#runtime;
    const found = this.#call(request, credential, this.#runtime.context(credential.account));
    if (found !== null) return found.handle(found.call);
    const { kind } = this.#route(request.method, request.path);
    return kind === "wrong-method"
      ? module.problem(405, `${request.method} is not supported for ${request.path}`)
      : module.problem(404, `${request.path} was not found`);
  }

  #call(
    request: EmulatorRequest,
    credential: Credential,
    context: AccountContext<Shape, OptionSet>,
  ): { readonly call: Call<Shape, OptionSet>; handle(call: Call<Shape, OptionSet>): EmulatorResponse } | null {
    const routing = this.#route(request.method, request.path);
    if (routing.kind !== "found") return null;
    const { route, params } = routing;
    return { call: { ...context, request, params, credential }, handle: (call) => route.handle(call) };
  }

  #noteRows(request: EmulatorRequest, credential: Credential, response: EmulatorResponse): void {
    const { pages } = this.#runtime.module;
    const { body } = response;
    if (pages.listing(request) === null || response.status !== 200 || body === null) return;
    if (typeof body !== "object" || Array.isArray(body)) return;
    const key = walkKey(request, credential);
    const rows = pages.read(body as Parameters<typeof pages.read>[0]).rows.map(rowId);
    const before = this.#walks.get(key);
    if (before !== undefined && pages.isLater(request)) before.push(...rows);
    else {
      if (this.#walks.size >= MOST_WALKS) this.#walks.clear();
      this.#walks.set(key, rows);
    }
  }

  #record(
    request: EmulatorRequest,
    credential: JournalEntry["credential"],
    status: number | null,
    effect: JournalEntry["effect"],
    fault: string | null,
  ): void {
    this.#runtime.journal.add({ at: this.#runtime.clock.now(), request, credential, status, effect, fault });
  }
}

function walkKey(request: EmulatorRequest, credential: Credential): string {
  return `${credential.value} ${request.path}`;
}

/** The status that reaches the client; null when the connection ends before one is whole. */
function statusSeen(answer: Answer, wire: Wire): number | null {
  switch (wire.kind) {
    case "normal":
    case "slow":
    case "cut":
      return answer.status;
    case "reset":
    case "fin":
    case "half-status":
    case "hang":
      return null;
  }
}
