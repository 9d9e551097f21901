import type { ConnectorManifest, EndpointPlan } from "../../connector-kit/manifest.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { caveats } from "./caveats.ts";
import { settings, type FrontSettings } from "./config.ts";
import { connectFront } from "./connector.ts";
import { demo } from "./demo.ts";
import { frontTraits } from "./traits.ts";

function endpoints(options: FrontSettings): readonly EndpointPlan[] {
  const { quota } = frontTraits(options);
  const { share } = options;
  // The vendor's own description counts by company, not by token (FRONT-D6).
  const quotaOwner = quota.owner === "account" ? (options.company ?? null) : null;
  const rest: EndpointPlan = {
    name: "rest",
    endpoint: {
      baseUrl: options.baseUrl,
      auth: { scheme: "bearer", token: options.token },
      headers: {},
      quota,
      share,
      quotaOwner,
    },
  };
  if (options.scim === undefined) return [rest];
  const { baseUrl, token } = options.scim;
  const scim: EndpointPlan = {
    name: "scim",
    endpoint: { baseUrl, auth: { scheme: "bearer", token }, headers: {}, quota, share, quotaOwner },
  };
  return [rest, scim];
}

/** The names of custom fields in the sandbox document: texts, or objects with a name. */
function fieldNames(list: unknown): readonly string[] {
  if (isJsonObject(list)) return Object.keys(list);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const name = isJsonObject(entry) ? entry["name"] : entry;
    return typeof name === "string" ? [name] : [];
  });
}

function sandboxSettings(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { baseUrl, token, scim, customFields } = document;
  return {
    connector: "front",
    baseUrl,
    token: sandboxSecret(token),
    share: 1,
    ...(customFields === undefined ? {} : { customFields: fieldNames(customFields) }),
    ...(isJsonObject(scim) ? { scim: { baseUrl: scim["baseUrl"], token: sandboxSecret(scim["token"]) } } : {}),
  };
}

const manifest: ConnectorManifest<FrontSettings> = {
  id: "front",
  name: "Front",
  guide: { title: "Front User Management API Guide", version: "2026-03-09" },
  settings,
  secretFields: ["token", "scim.token"],
  traits: frontTraits,
  endpoints,
  connect: connectFront,
  caveats,
  setup: {
    steps: [
      "Log in to Front as an admin and open Settings > Developers > API Tokens.",
      "Create a company-level token with the scopes below; a teammate's token cannot manage others.",
      "Copy the token at once: it is shown only once. Put it where your configuration refers to, for example FRONT_TOKEN in the environment: token: env:FRONT_TOKEN.",
      "To make teammates without invitations: switch on SSO (SAML) in Settings > Security first, then generate a SCIM token in Settings > Security > SCIM (newer companies: Settings > Developers > API Tokens, feature auto-provisioning).",
      "Copy the SCIM base URL that is shown beside it into scim.baseUrl: it may differ from company to company, and Tenure assumes none. Then set provisioning: scim.",
      "Check both with: tenure apps test. It tells a wrong SCIM base URL from a wrong SCIM token.",
      "If an identity provider shall provision Front by itself: add the Front SCIM app there (Okta, Microsoft Entra ID) and give it the same base URL and bearer token.",
    ],
    scopes: ["teammates:read", "teammates:write", "teams:read", "teams:write"],
    warnings: [
      "The token is shown only once and opens the whole company: keep it in a secret store, and never paste it into a ticket or a chat.",
      "SSO must be active before SCIM can be used.",
      "SCIM is not full parity with the identity provider: changed names or departments may not arrive, and teams never do; Tenure reads and writes those by REST.",
      "A deactivation cannot be undone through the API: for a rehire, a person has to unblock the teammate in Front's settings.",
    ],
  },
  webhooks: {
    available: true,
    note: "Set up for a channel or for the whole company, in the settings or through the API; events are sent by HTTP POST to the address given. Events about teammates are taken as hints only, and the listing is read on schedule all the same.",
    events: [
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
    ],
  },
  credentialNotes: [
    "A bearer token, made for a company or for one teammate; managing teammates needs the company's.",
    "It is shown only once: the configuration holds a reference to it and never the token, and it is not printed anywhere.",
  ],
  notes: [
    { text: "Has a user API: the REST endpoints of /teammates and /teams.", caveats: ["FRONT-11"] },
    {
      text: "Teams are groups that share inboxes, not units of the organisation: nothing about who reports to whom follows from them.",
      caveats: ["FRONT-37"],
    },
    {
      text: "120 requests a minute for each token on every plan; no limit on concurrent requests is documented.",
      caveats: ["FRONT-43"],
    },
    {
      text: "Has SCIM 2.0 on plan Professional (Growth) or above, Enterprise for full integration with Okta or Microsoft Entra ID; Google Workspace and OneLogin are not officially supported.",
      caveats: ["FRONT-50", "FRONT-57"],
    },
    {
      text: "SCIM needs SSO (SAML) to be active, and its base URL may be a company's own: it is never assumed.",
      caveats: ["FRONT-52", "FRONT-56"],
    },
    {
      text: "An identity provider that pushes changes by SCIM leaves the picture stale in everything but who has an account: attributes and teams are read by REST.",
      caveats: ["FRONT-70"],
    },
    {
      text: "A rehire whose teammate is blocked needs a person: the plan has a task to unblock them in Front's settings, proven by a read, and goes on with teams and attributes.",
      caveats: ["FRONT-71"],
    },
    {
      text: "Plans say before anybody approves that a create sends an invitation, ask for people's approval where there is no way back by API, and every step is recorded in the audit log.",
      caveats: ["FRONT-73"],
    },
  ],
  sandboxSettings,
  demo,
  emulator: () => import("./emulator/index.ts"),
};

export default manifest;
