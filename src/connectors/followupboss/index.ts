import type { ConnectorManifest } from "../../connector-kit/manifest.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { caveats } from "./caveats.ts";
import { settings, type FollowUpBossSettings } from "./config.ts";
import { connectFollowUpBoss } from "./connector.ts";
import { demo } from "./demo.ts";
import { followUpBossTraits } from "./traits.ts";

const manifest: ConnectorManifest<FollowUpBossSettings> = {
  id: "followupboss",
  name: "Follow Up Boss",
  guide: { title: "Follow Up Boss User Management API Guide", version: "2026-03-18" },
  settings,
  secretFields: ["apiKey"],
  traits: followUpBossTraits,
  endpoints: (options) => [
    {
      name: "rest",
      endpoint: {
        baseUrl: options.baseUrl,
        auth: { scheme: "basic", user: options.apiKey, password: null },
        headers: {},
        quota: followUpBossTraits(options).quota,
        share: options.share,
        quotaOwner: null,
      },
    },
  ],
  connect: connectFollowUpBoss,
  caveats,
  setup: {
    steps: [
      "Log in to Follow Up Boss as an admin.",
      "Open Admin > API in the account settings.",
      "Generate an API key for Tenure, or copy the existing one.",
      "Put it where your configuration refers to, for example FUB_API_KEY in the environment: apiKey: env:FUB_API_KEY.",
      "Check it with: tenure apps test.",
    ],
    scopes: ["The key of an admin: there are no narrower scopes to choose from."],
    warnings: [
      "The key opens the whole account. Keep it like a root password, give Tenure a key of its own, and replace it when somebody who knew it leaves.",
      "Do not use a key of an account that may be removed: removing its owner ends the key.",
    ],
  },
  webhooks: {
    available: true,
    note: "Set up in the admin pages or through /webhooks; JSON is sent by HTTP POST to the address given. They tell of CRM records only: none tells of users, so that Tenure finds changes of users by reading the listing again.",
    events: [
      "lead.created",
      "lead.updated",
      "lead.deleted",
      "appointment.created",
      "appointment.updated",
      "note.created",
      "task.created",
      "task.updated",
    ],
  },
  credentialNotes: [
    "One API key opens the whole account with the rights of an admin: the configuration holds a reference to it and never the key, it is not printed anywhere, and a new one takes over at the next start.",
    "It is sent as the user name of HTTP Basic with an empty password. There is no OAuth for each user and there are no scopes to choose.",
  ],
  notes: [
    { text: "Has a user API: GET, POST, PUT and DELETE on /v1/users.", caveats: ["FUB-08"] },
    {
      text: "Has no SCIM (version, endpoint and plan are not documented), and neither Okta, Entra ID, Google Workspace nor OneLogin has an official connector: users are managed through the REST API or by hand in the admin pages.",
      caveats: ["FUB-09", "FUB-10", "FUB-11"],
    },
    {
      text: "An identity provider that is pointed at Follow Up Boss itself finds no /scim/v2/Users and fails without a word: it needs a SCIM 2.0 endpoint in between, one for each connection, which reports success only for what was read back.",
      caveats: ["FUB-10"],
    },
    {
      text: "No event tells of users: a change is found at the next read, so that the time between two reads is how long a leaver's access can go unnoticed. A leaver who is known is taken out at once by a plan, without waiting for a read on schedule.",
      caveats: ["FUB-51", "FUB-52"],
    },
    { text: "A team is a field of the user: there is no endpoint for members of a team.", caveats: ["FUB-44"] },
    {
      text: "1,000 requests in 10 minutes for each API key on every plan; no limit on concurrent requests is documented.",
      caveats: ["FUB-45"],
    },
    {
      text: "A delete is for ever, and leads must have another owner before it: plans hand over first, show what would be lost and need people's approval.",
      caveats: ["FUB-40", "FUB-41", "FUB-70"],
    },
    {
      text: "Every step is recorded in the audit log, and what the API cannot do becomes a task for a person that is closed by a read.",
      caveats: ["FUB-70"],
    },
  ],
  sandboxSettings: (document) => ({
    connector: "followupboss",
    baseUrl: document["baseUrl"],
    apiKey: sandboxSecret(document["apiKey"]),
    share: 1,
  }),
  demo,
  emulator: () => import("./emulator/index.ts"),
};

export default manifest;
