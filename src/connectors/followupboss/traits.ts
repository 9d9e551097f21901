import { applyCommonSettings } from "../../connector-kit/settings.ts";
import type { Traits, VerbTraits } from "../../model/traits.ts";
import type { FollowUpBossSettings } from "./config.ts";

/** What a delete does besides, as far as anybody documents it. */
const DELETE_EFFECTS = [
  "leads that are still assigned lose their owner",
  "mobile access and API keys of this account end, its templates go, its phone number is released",
] as const;

function verb(traits: Partial<VerbTraits>): VerbTraits {
  return { undo: "api", resend: "safe", requests: 1, seat: 0, sideEffects: [], ...traits };
}

function userWrites(settings: FollowUpBossSettings): Traits["verbs"] {
  // With `replace` the account is read first, so that nothing is cleared by leaving it out (FUB-36).
  const put = settings.putSemantics === "replace" ? 2 : 1;
  return {
    create: verb({ resend: "once", seat: 1, sideEffects: ["takes a paid seat"] }),
    update: verb({ requests: put }),
    suspend: verb({ requests: put, sideEffects: ["the person can no longer sign in"] }),
    reactivate: verb({ requests: put, sideEffects: ["the person can sign in again"] }),
    join: verb({ requests: put, sideEffects: ["leaves the team it was in before"] }),
    leave: verb({ requests: 2 }),
    assignRole: verb({ requests: put }),
  };
}

function verbs(settings: FollowUpBossSettings): Traits["verbs"] {
  const handOver = { transfer: verb({}) };
  const remove = verb({ undo: "never", resend: "once", seat: -1, sideEffects: DELETE_EFFECTS });
  if (settings.profile === "guide") return { ...userWrites(settings), ...handOver, remove };
  const { create, update, assignRole } = userWrites(settings);
  return {
    ...handOver,
    ...(settings.allowUndocumentedUserWrites && create && update && assignRole ? { create, update, assignRole } : {}),
    ...(settings.leftoversTo === undefined ? {} : { remove }),
  };
}

function kinds(settings: FollowUpBossSettings): Traits["kinds"] {
  // The vendor's own listings go on by a key, the guide's by an offset that shifts when rows come and go (FUB-A9).
  const proof = settings.profile === "guide" ? "two-walks" : "cursor-end";
  const paged = { proof, hidesInactive: false, maxPageSize: 100 } as const;
  return {
    user: { ...paged, noun: "account", one: "user", many: "users", per: null, hidesInactive: true },
    team: { ...paged, noun: "team", one: "team", many: "teams", per: null },
    lead: { ...paged, noun: "holding", one: "lead", many: "leads", per: "account" },
  };
}

/** What shared code may know of this connection. */
export function followUpBossTraits(settings: FollowUpBossSettings): Traits {
  const guide = settings.profile === "guide";
  const can = verbs(settings);
  const traits: Traits = {
    kinds: kinds(settings),
    verbs: can,
    create:
      can.create === undefined
        ? null
        : {
            kind: "user",
            outcome: "active",
            emailUniqueAcross: ["user"],
            refusesDuplicates: true,
            teams: guide ? 1 : 0,
            role: true,
            requires: ["email", "displayName"],
          },
    remove:
      can.remove === undefined
        ? null
        : { effect: "erase", reservesEmail: false, handOverFirst: ["lead"], leaveTeamsFirst: false },
    reactivate: can.reactivate === undefined ? "by-hand" : "api",
    reactivateByHand:
      can.reactivate === undefined
        ? "In Follow Up Boss, log in as an admin, open Admin > Team and invite or restore the person."
        : null,
    contain: can.suspend === undefined ? null : "suspend",
    teams: { perAccount: guide ? "one" : "many", toldBy: "account", meaning: "team" },
    roles: guide
      ? { values: ["Admin", "Agent"], privileged: ["Admin"], standard: "Agent" }
      : { values: ["Broker", "Agent", "Lender"], privileged: ["Broker"], standard: "Agent" },
    writable: can.update === undefined ? [] : ["displayName", "email", "phone", "timezone", "avatar", "isAdmin"],
    singleName: true,
    confirmByRead: false,
    settleMs: 60_000,
    quota: guide
      ? { scheme: "fixed-window", limit: 1000, windowMs: 600_000, owner: "credential" }
      : { scheme: "sliding-log", limit: 100, windowMs: 10_000, owner: "credential" },
    scim: {
      available: false,
      note: "No SCIM endpoint, version or plan is documented, and no identity provider has an official connector.",
    },
    userEvents: [],
  };
  return applyCommonSettings(traits, settings);
}
