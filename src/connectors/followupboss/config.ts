import { z } from "zod";
import { baseUrl, commonSettings, secretValue } from "../../connector-kit/settings.ts";

/** The connection's part of `tenure.yaml`. */
export const settings = commonSettings.extend({
  connector: z.literal("followupboss"),
  /** Account-wide admin key: the user name of HTTP Basic, with an empty password (FUB-03). */
  apiKey: secretValue,
  baseUrl: baseUrl.default("https://api.followupboss.com/v1"),
  /**
   * What a PUT does to fields that it does not name. The document leaves it open (FUB-36): `merge` sends the changed
   * fields alone, `replace` reads the account first and sends everything that can be written.
   */
  putSemantics: z.enum(["merge", "replace"]).default("merge"),
  /** Profile `vendor` only: use the undocumented POST and PUT of /users all the same. */
  allowUndocumentedUserWrites: z.boolean().default(false),
  /**
   * Profile `vendor` only: id of the account that gets whatever a deleted account still owns. A delete must name one
   * there, so that without it deleting is a manual step.
   */
  leftoversTo: z
    .string()
    .regex(/^\d{1,15}$/, "must be the number of an account")
    .optional(),
});

export type FollowUpBossSettings = z.infer<typeof settings>;
