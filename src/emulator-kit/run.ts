import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { EmulatorModule } from "./contract.ts";
import { Desk } from "./desk.ts";
import { Exchange } from "./exchange.ts";
import type { FaultRule, RunningEmulator, RunOptions } from "./running.ts";
import { MAIN_ACCOUNT, Runtime, type EmittedEvent } from "./runtime.ts";
import { startServer, type LoopbackServer } from "./server.ts";
import { createDeliveries, type Deliveries } from "./webhooks.ts";

/**
 * Starts an emulator on 127.0.0.1. Its time is `clock`: give a virtual clock in tests, a sandbox clock where time is to
 * be moved by hand. Call `stop` to free the port.
 */
export async function runEmulator(
  module: EmulatorModule,
  options: RunOptions & { readonly clock: Clock },
): Promise<RunningEmulator> {
  const runtime = new Runtime(module, options.clock, options);
  const deliveries = createDeliveries(runtime);
  const tell = (events: readonly EmittedEvent[]): void => events.forEach((event) => deliveries.send(event));
  const desk = new Desk(runtime, tell);
  const stopping = new AbortController();
  const exchange = new Exchange({ runtime, desk, tell, stopped: stopping.signal });
  runtime.reset(options.kind === undefined ? {} : { kind: options.kind });
  const server = await startServer({
    port: options.port ?? 0,
    clock: options.clock,
    stopped: stopping.signal,
    reply: (request, count) => exchange.reply(request, count),
  });
  runtime.origin = `http://127.0.0.1:${server.port}`;
  return running({ runtime, desk, deliveries, server, stopping });
}

function running(parts: {
  readonly runtime: Runtime;
  readonly desk: Desk;
  readonly deliveries: Deliveries;
  readonly server: LoopbackServer;
  readonly stopping: AbortController;
}): RunningEmulator {
  const { runtime, desk, deliveries, server, stopping } = parts;
  const { module, faults } = runtime;
  const setFaults = async (rules: readonly FaultRule[]) => {
    faults.set(rules);
    await server.setOpen(!faults.shut);
    return faults.report();
  };
  return {
    id: module.id,
    name: module.name,
    origin: runtime.origin,
    port: server.port,
    document: module.document(runtime.origin),
    credentials: module.credentials,
    async reset(request = {}) {
      runtime.reset(request);
      await setFaults([]);
    },
    check: (request) => runtime.check(request),
    state: (account = MAIN_ACCOUNT) => desk.state(account),
    journal: (since = 0) => runtime.journal.since(since),
    setFaults,
    faults: () => faults.report(),
    mutate: ({ op, kind, id, data }) => desk.mutate(MAIN_ACCOUNT, op, kind, id ?? null, data ?? {}),
    create: (kind, data) => desk.create(kind, data),
    nativeId: (kind, id) => desk.nativeId(kind, id),
    drop: (kind, id) => desk.drop(kind, id),
    purge: (id) => desk.purge(id),
    accept: (email) => desk.accept(email),
    outbox: () => runtime.mails(MAIN_ACCOUNT),
    set: (option, value) => runtime.setOption(option, value),
    token: (want) => runtime.issueToken(want),
    webhook: (url, events) => desk.webhook(url, events),
    unwebhook: (url) => desk.unwebhook(url),
    async emit(event) {
      desk.checkEvent(event);
      deliveries.send({ account: MAIN_ACCOUNT, event, subject: {} });
      await deliveries.settled();
    },
    delivered: () => deliveries.settled(),
    async stop() {
      stopping.abort(new AppError("canceled", `the emulator of ${module.name} was stopped`));
      await server.close();
      await deliveries.settled();
    },
  };
}
