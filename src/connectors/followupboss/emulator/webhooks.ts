import { createHmac } from "node:crypto";
import {
  empty,
  json,
  type AccountContext,
  type Call,
  type EmulatorResponse,
  type Route,
  type WebhookDelivery,
  type WebhookHooks,
} from "../../../emulator-kit/contract.ts";
import { isLoopbackUrl } from "../../../emulator-kit/webhooks.ts";
import type { JsonObject } from "../../../kernel/json.ts";
import { vendorTime, type FollowUpBossOptions, type FollowUpBossShape, type Webhook } from "./entities.ts";
import { readBody } from "./fields.ts";

type Context = AccountContext<FollowUpBossShape, FollowUpBossOptions>;
type FubCall = Call<FollowUpBossShape, FollowUpBossOptions>;
type Problem = (status: number, message: string) => EmulatorResponse;

/** FUB-50: none of them is about users. */
export const EVENTS = [
  "lead.created",
  "lead.updated",
  "lead.deleted",
  "appointment.created",
  "appointment.updated",
  "note.created",
  "task.created",
  "task.updated",
] as const;

/** A system may register so many for one event. */
const MOST_PER_EVENT = 2;

/** Lower-case hex of HMAC-SHA256 over the base64 of the body, not over the body itself (vector `fub-1`). */
export function signature(key: string, body: string): string {
  return createHmac("sha256", key).update(Buffer.from(body, "utf8").toString("base64")).digest("hex");
}

function shown({ id, event, url, status }: Webhook): JsonObject {
  return { id, status, event, url };
}

function register(call: FubCall, problem: Problem): EmulatorResponse {
  const body = readBody(call.request, call.options.strict);
  if ("refusal" in body) return problem(body.refusal.status, body.refusal.message);
  const { event, url } = body.value;
  if (typeof event !== "string" || !EVENTS.some((one) => one === event)) {
    return problem(400, `event must be one of ${EVENTS.join(", ")}`);
  }
  if (typeof url !== "string" || !isLoopbackUrl(url)) {
    return problem(400, "url must be http on loopback: the emulator calls nobody else");
  }
  const key = call.request.headers["x-system-key"] ?? call.credential.value;
  const same = call.state.webhooks.filter((one) => one.event === event && one.key === key);
  if (same.length >= MOST_PER_EVENT) return problem(400, `at most ${MOST_PER_EVENT} webhooks for ${event}`);
  const webhook: Webhook = { id: call.state.webhooks.nextId(), event, url, status: "Active", key };
  return json(201, shown(call.state.webhooks.insert(webhook)));
}

function unregister(call: FubCall, problem: Problem): EmulatorResponse {
  const id = Number(call.params["id"]);
  return call.state.webhooks.remove(id) ? empty(204) : problem(404, "Webhook not found");
}

/** FUB-49: /webhooks by API. */
export function webhookRoutes(problem: Problem): readonly Route<FollowUpBossShape, FollowUpBossOptions>[] {
  return [
    {
      method: "GET",
      path: "/v1/webhooks",
      handle: (call) => json(200, { webhooks: call.state.webhooks.list().map(shown) }),
    },
    { method: "POST", path: "/v1/webhooks", handle: (call) => register(call, problem) },
    { method: "DELETE", path: "/v1/webhooks/{id}", handle: (call) => unregister(call, problem) },
  ];
}

/** An id in the form that the vendor's have. */
function eventId(context: Context): string {
  const hex = Buffer.from(context.random.bytes(16)).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Where the vendor lets the changed thing be read; only leads exist here. */
function deliveries(context: Context, event: string, subject: JsonObject): readonly WebhookDelivery[] {
  const newest = context.state.people.list().at(-1)?.id ?? null;
  const id = typeof subject["id"] === "number" ? subject["id"] : event.startsWith("lead.") ? newest : null;
  const wanted = context.state.webhooks.filter((webhook) => webhook.event === event);
  return wanted.map((webhook) => {
    const body = JSON.stringify({
      eventId: eventId(context),
      eventCreated: vendorTime(context.now),
      event,
      resourceIds: id === null ? [] : [id],
      uri: id === null ? null : `${context.origin}/v1/people?id=${id}`,
    });
    return { url: webhook.url, headers: { "FUB-Signature": signature(webhook.key, body) }, body };
  });
}

/** `apiKey` signs what the control API registers: nobody gave a system key then. */
export function webhookHooks(apiKey: string): WebhookHooks<FollowUpBossShape, FollowUpBossOptions> {
  return {
    events: EVENTS,
    register({ state }, url, events) {
      for (const event of events) {
        state.webhooks.insert({ id: state.webhooks.nextId(), event, url, status: "Active", key: apiKey });
      }
    },
    unregister({ state }, url) {
      const registered = state.webhooks.filter((webhook) => webhook.url === url);
      for (const webhook of registered) state.webhooks.remove(webhook.id);
      return registered.length > 0;
    },
    deliveries,
    // The vendor takes 406 and 410 as "send no more".
    answered({ state }, delivery, answer) {
      if (answer?.status !== 406 && answer?.status !== 410) return;
      for (const webhook of state.webhooks.filter(({ url }) => url === delivery.url)) state.webhooks.remove(webhook.id);
    },
  };
}
