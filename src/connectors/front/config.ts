import { z } from "zod";
import { baseUrl, commonSettings, secretValue } from "../../connector-kit/settings.ts";

/** The connection's part of `tenure.yaml`. */
export const settings = commonSettings
  .extend({
    connector: z.literal("front"),
    /** Company-level API token (FRONT-04). */
    token: secretValue,
    baseUrl: baseUrl.default("https://api2.frontapp.com"),
    /**
     * Front's own SCIM server. Its address may differ from company to company, so that none is ever assumed: it is the
     * one that Front's settings show (FRONT-52).
     */
    scim: z.strictObject({ baseUrl, token: secretValue }).optional(),
    /** How new teammates are made: by REST, which sends an invitation, or silently by SCIM (FRONT-63). */
    provisioning: z.enum(["rest", "scim"]).default("rest"),
    /** Names of the custom fields that are set up in Front; when given, others are refused before anything is sent. */
    customFields: z.array(z.string().min(1)).optional(),
    /** Profile `vendor` only: name of the Front company whose quota this connection shares with others (FRONT-D6). */
    company: z.string().min(1).optional(),
  })
  .superRefine((value, context) => {
    if (value.provisioning !== "scim" || value.scim !== undefined) return;
    context.addIssue({
      code: "custom",
      path: ["scim"],
      message: "is needed for provisioning: scim (baseUrl and token)",
    });
  });

export type FrontSettings = z.infer<typeof settings>;
