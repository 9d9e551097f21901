import { createHmac } from "node:crypto";
import type { WebhookDelivery, WebhookHooks } from "../../../emulator-kit/contract.ts";
import { isJsonObject, parseJson, type JsonObject } from "../../../kernel/json.ts";
import type { FrontContext, FrontShape, Webhook } from "./entities.ts";
import type { FrontOptions } from "./options.ts";
import { companyOf } from "./render.ts";

/** FRONT-48: as the guide lists them. */
export const EVENTS = [
  "conversation.created",
  "conversation.assigned",
  "conversation.unassigned",
  "conversation.archived",
  "conversation.reopened",
  "message.received",
  "message.sent",
  "teammate.created",
  "teammate.updated",
  "teammate.deleted",
] as const;

/** With what each company's webhooks are signed: the key of an application, the secret of the API for rules. */
export function signingKeys(account: string): { readonly application: string; readonly rule: string } {
  return { application: `whsec_sandbox_${account}_application`, rule: `whsec_sandbox_${account}_rule` };
}

/** Application webhooks: base64 HMAC-SHA256 over the time in milliseconds, a colon and the exact body. */
export function signApplication(key: string, timestamp: string, body: string): string {
  return createHmac("sha256", key).update(`${timestamp}:${body}`).digest("base64");
}

/** Rule webhooks (the older kind): base64 HMAC-SHA1 over the exact body. */
export function signRule(key: string, body: string): string {
  return createHmac("sha1", key).update(body).digest("base64");
}

const CHALLENGE = "X-Front-Challenge";
/** The event with which an address is checked; nobody can register for it. */
const SYNC = "sync";

function signed(context: FrontContext, url: string, body: JsonObject): WebhookDelivery {
  const text = JSON.stringify(body);
  const keys = signingKeys(context.account);
  const type = { "Content-Type": "application/json" };
  if (context.options.webhookScheme === "rule") {
    return { url, headers: { ...type, "X-Front-Signature": signRule(keys.rule, text) }, body: text };
  }
  const timestamp = String(context.now);
  const signature = signApplication(keys.application, timestamp, text);
  const headers = { ...type, "X-Front-Request-Timestamp": timestamp, "X-Front-Signature": signature };
  return { url, headers, body: text };
}

function randomHex(context: FrontContext, bytes: number): string {
  return Buffer.from(context.random.bytes(bytes)).toString("hex");
}

function challenge(context: FrontContext, hook: Webhook): WebhookDelivery {
  const body = { type: SYNC, authorization: { id: companyOf(context.account).id } };
  const delivery = signed(context, hook.url, body);
  return { ...delivery, headers: { ...delivery.headers, [CHALLENGE]: hook.challenge } };
}

/** The document gives no payload: an event object in the vendor's manner, with the teammate as the API shows it. */
function eventBody(context: FrontContext, event: string, subject: JsonObject): JsonObject {
  const target = Object.keys(subject).length === 0 ? {} : { target: { _meta: { type: "teammate" }, data: subject } };
  return {
    type: event,
    authorization: { id: companyOf(context.account).id },
    payload: { id: `evt_${randomHex(context, 6)}`, type: event, emitted_at: context.now / 1000, ...target },
  };
}

/** Whether the receiver gave the challenge back: as plain text, in JSON, or as a form. */
function echoes(text: string, expected: string): boolean {
  if (text.trim() === expected) return true;
  if (text.trimStart().startsWith("{")) {
    const body = jsonOrNull(text);
    return isJsonObject(body) && body["challenge"] === expected;
  }
  return new URLSearchParams(text).get("challenge") === expected;
}

function jsonOrNull(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** FRONT-47: HTTP POST to the addresses that are set up; one of the application kind must answer a challenge first. */
export const WEBHOOKS: WebhookHooks<FrontShape, FrontOptions> = {
  events: EVENTS,
  register(context, url, events) {
    const hooks = context.state.webhooks;
    const known = hooks.find((hook) => hook.url === url);
    const id = known?.id ?? hooks.nextId();
    const hook = { id, url, events, challenge: randomHex(context, 16), verified: false };
    if (known === null) hooks.insert(hook);
    else hooks.replace(hook);
    if (context.options.webhookScheme === "application") context.emit(SYNC, { url });
  },
  unregister(context, url) {
    const known = context.state.webhooks.find((hook) => hook.url === url);
    return known !== null && context.state.webhooks.remove(known.id);
  },
  deliveries(context, event, subject) {
    const hooks = context.state.webhooks;
    if (event === SYNC) {
      return hooks.filter((hook) => hook.url === subject["url"]).map((hook) => challenge(context, hook));
    }
    const rule = context.options.webhookScheme === "rule";
    const wanting = hooks.filter((hook) => hook.events.includes(event) && (rule || hook.verified));
    return wanting.map((hook) => signed(context, hook.url, eventBody(context, event, subject)));
  },
  answered(context, delivery, answer) {
    const sent = delivery.headers[CHALLENGE];
    const hook = context.state.webhooks.find((one) => one.url === delivery.url);
    if (sent === undefined || hook === null || answer === null) return;
    const verified = answer.status >= 200 && answer.status < 300 && echoes(answer.text, sent);
    if (verified && sent === hook.challenge) context.state.webhooks.replace({ ...hook, verified: true });
  },
};
