import { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import { Secret } from "../kernel/secret.ts";
import { VERBS, type Traits, type Verb } from "../model/traits.ts";

/** A credential that main has already taken from its reference. */
export const secretValue = z.custom<Secret>((value) => value instanceof Secret, {
  message: 'must start with "env:" or "secret:" (a reference, never the secret)',
});

/** A credential that the sandbox document shows in the clear. Throws `bad_input` when there is none. */
export function sandboxSecret(value: unknown): Secret {
  if (typeof value === "string" && value !== "") return new Secret(value);
  throw new AppError("bad_input", "the sandbox document has no credential where this connector looks for it");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** https anywhere; http only on loopback, for the sandbox. No credentials, no fragment. */
export const baseUrl = z.string().superRefine((text, context) => {
  const problem = baseUrlProblem(text);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

function baseUrlProblem(text: string): string | null {
  if (!URL.canParse(text)) return "must be a whole URL, such as https://api.example.com";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password";
  if (url.hash !== "") return "must not hold a # part";
  if (url.protocol === "https:") return null;
  if (url.protocol !== "http:") return "must start with https://";
  return isLoopback(url.hostname) ? null : "must start with https:// (http is taken on loopback only, for the sandbox)";
}

export function isLoopbackUrl(text: string): boolean {
  return URL.canParse(text) && isLoopback(new URL(text).hostname);
}

/** Settings that every connection has; each connector extends this object. */
export const commonSettings = z.strictObject({
  connector: z.string(),
  profile: z.enum(["guide", "vendor"]).default("guide"),
  /** Part of the vendor's quota that Tenure may use; the rest belongs to the account's other integrations. */
  share: z.number().gt(0).max(1).default(0.7),
  pageSize: z.int().min(1).max(1000).optional(),
  /** Seats bought; without it no seat guard can be given. */
  seats: z.int().min(0).optional(),
  protected: z.array(z.string()).default([]),
  rate: z
    .strictObject({
      limit: z.int().min(1),
      windowSeconds: z.number().gt(0),
      scheme: z.enum(["fixed-window", "sliding-log", "strict"]).default("sliding-log"),
    })
    .optional(),
  /** Capabilities switched off for this connection; what is off becomes a manual step. */
  off: z.array(z.enum(VERBS as readonly [Verb, ...Verb[]])).default([]),
});

export type CommonSettings = z.infer<typeof commonSettings>;

/** Traits of the manifest with what the connection's settings take away or declare otherwise. */
export function applyCommonSettings(traits: Traits, settings: CommonSettings): Traits {
  const verbs = Object.fromEntries(
    Object.entries(traits.verbs).filter(([verb]) => !settings.off.includes(verb as Verb)),
  ) as Traits["verbs"];
  const quota =
    settings.rate === undefined
      ? traits.quota
      : {
          ...traits.quota,
          limit: settings.rate.limit,
          windowMs: Math.round(settings.rate.windowSeconds * 1000),
          scheme: settings.rate.scheme,
        };
  return {
    ...traits,
    verbs,
    quota,
    create: verbs.create === undefined ? null : traits.create,
    remove: verbs.remove === undefined ? null : traits.remove,
    ...(verbs.reactivate === undefined && traits.reactivate === "api"
      ? { reactivate: "by-hand", reactivateByHand: "Reactivate the account in the app's admin page." }
      : {}),
    contain: traits.contain !== null && verbs[traits.contain] === undefined ? null : traits.contain,
  };
}
