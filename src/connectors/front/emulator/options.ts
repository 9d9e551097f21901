import { flag, oneOf, type OptionSpec } from "../../../emulator-kit/options.ts";

/** One of these words; a status may be given as a number, `on` and `off` as true and false. */
function word<const V extends string>(values: readonly [V, ...(readonly V[])], says: string): OptionSpec<V> {
  const spec = oneOf<V>(values, says);
  return {
    ...spec,
    parse(value) {
      if (typeof value === "boolean") return spec.parse(value ? "on" : "off");
      return spec.parse(typeof value === "number" ? String(value) : value);
    },
  };
}

/** The switches of this emulator; the first value is the default. */
export const FRONT_OPTIONS = {
  tokenKind: word(["company", "teammate"], "teammate: the company tokens were made at teammate level by mistake."),
  linkHost: word(["api2", "company"], "Whose host stands in _links and in the next page (FRONT-D12)."),
  invalidOffset: word(["400", "ignore"], "What offset and page do, as paging by offset is not supported (FRONT-A6)."),
  teamPages: word(["whole", "cursor"], "Whether teams and their members come as one list or in pages (FRONT-A4)."),
  teammateEvents: word(["on", "off"], "Whether changes of teammates send webhooks (FRONT-D7)."),
  webhookScheme: word(["application", "rule"], "How webhooks are signed."),
  plan: word(["professional", "enterprise", "starter"], "The company's plan: SCIM needs professional (FRONT-50)."),
  sso: word(["on", "off"], "Whether SAML sign-on is active: SCIM needs it (FRONT-56)."),
  scimPatch: word(["ignore", "501", "full"], "What SCIM PATCH does with anything but active (FRONT-A10)."),
  scimGetById: word(["404", "501", "on"], "The answer to a SCIM GET by id (FRONT-A11); on in the vendor profile."),
  scimFilter: word(["on", "ignore", "400"], "Whether the SCIM listing honours, ignores or refuses a filter (X-03)."),
  scimInvite: flag(false, "Whether a SCIM create sends an invitation too (FRONT-A18)."),
} as const;

export type FrontOptions = typeof FRONT_OPTIONS;
