/**
 * A stateful copy of Front's API, written from the source document (profile `guide`) and from the vendor's public
 * material (profile `vendor`). It shares nothing with the connector. It has teammates, teams, custom field definitions,
 * SCIM and webhooks of teammates; it has no conversations, inboxes, channels or teammate groups.
 */
import { defineEmulator } from "../../../emulator-kit/contract.ts";
import { authenticate, LIMITS, SCIM_PATH, scopedTokens, standardCredentials, TOKENS } from "./access.ts";
import { problem } from "./answers.ts";
import { CONTROL, FAULTS } from "./control.ts";
import { RECORDS, type FrontShape } from "./entities.ts";
import { seats } from "./lifecycle.ts";
import { FRONT_OPTIONS, type FrontOptions } from "./options.ts";
import { PAGES } from "./paging.ts";
import { ROUTES } from "./routes.ts";
import { CUSTOM_FIELDS, seed } from "./seed.ts";
import { signingKeys, WEBHOOKS } from "./webhooks.ts";

export const emulator = defineEmulator<FrontShape, FrontOptions>({
  id: "front",
  name: "Front",
  records: RECORDS,
  options: FRONT_OPTIONS,
  credentials: standardCredentials(),
  seed,
  authenticate,
  limits: LIMITS,
  routes: ROUTES,
  problem,
  seats,
  pages: PAGES,
  faults: FAULTS,
  control: CONTROL,
  webhooks: WEBHOOKS,
  document: (origin) => ({
    baseUrl: origin,
    token: TOKENS.company,
    token2: TOKENS.company2,
    teammateToken: TOKENS.teammate,
    otherToken: TOKENS.other,
    scopedTokens: Object.fromEntries(Array.from(scopedTokens(), ([scopes, token]) => [scopes, token.value])),
    customFields: CUSTOM_FIELDS.map((field) => field.name),
    scim: { baseUrl: `${origin}${SCIM_PATH}`, token: TOKENS.scim },
    webhooks: { signingKey: signingKeys("main").application, apiSecret: signingKeys("main").rule },
  }),
  hidden: ["webhooks"],
});
