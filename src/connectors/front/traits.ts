import { applyCommonSettings } from "../../connector-kit/settings.ts";
import type { Traits, VerbTraits } from "../../model/traits.ts";
import type { FrontSettings } from "./config.ts";

export const ROLE_ADMIN = "Admin";
export const ROLE_TEAMMATE = "Teammate";

function verb(traits: Partial<VerbTraits>): VerbTraits {
  return { undo: "api", resend: "safe", requests: 1, seat: 0, sideEffects: [], ...traits };
}

/** Whether new teammates are made through SCIM: in profile `vendor` there is no other way (FRONT-D1). */
export function makesByScim(settings: FrontSettings): boolean {
  return settings.scim !== undefined && (settings.provisioning === "scim" || settings.profile === "vendor");
}

function createVerb(settings: FrontSettings): VerbTraits {
  const sideEffects = makesByScim(settings)
    ? ["no invitation is sent: the person signs in through the identity provider"]
    : ["sends an invitation e-mail at once; the person must accept it before the first login"];
  // Neither way is documented to refuse a second create, and a second one would mail again: never sent twice.
  return verb({ undo: "by-hand", resend: "never", seat: 1, sideEffects });
}

function verbs(settings: FrontSettings): Traits["verbs"] {
  const vendor = settings.profile === "vendor";
  const remove = verb({
    undo: "by-hand",
    resend: "once",
    // By SCIM the account has to be looked up there first.
    requests: vendor ? 3 : 1,
    seat: -1,
    sideEffects: [
      "history and conversations are kept",
      "cannot be undone through the API: only a person can unblock the teammate in Front's settings",
    ],
  });
  const canMake = !vendor || settings.scim !== undefined;
  return {
    ...(canMake ? { create: createVerb(settings), remove } : {}),
    update: verb({ sideEffects: ["a teammate who is made unavailable loses the open conversations assigned to them"] }),
    join: verb({}),
    // Removing somebody who is no member is not documented: looked at before it is sent again.
    leave: verb({ resend: "once" }),
    ...(vendor ? {} : { assignRole: verb({}) }),
  };
}

const KINDS: Traits["kinds"] = {
  teammate: {
    noun: "account",
    one: "teammate",
    many: "teammates",
    per: null,
    proof: "cursor-end",
    hidesInactive: false,
    maxPageSize: 100,
  },
  team: {
    noun: "team",
    one: "team",
    many: "teams",
    per: null,
    proof: "cursor-end",
    hidesInactive: false,
    maxPageSize: 100,
  },
  membership: {
    noun: "membership",
    one: "team membership",
    many: "team memberships",
    per: "team",
    proof: "cursor-end",
    hidesInactive: false,
    maxPageSize: 100,
  },
};

/** What shared code may know of this connection. */
export function frontTraits(settings: FrontSettings): Traits {
  const vendor = settings.profile === "vendor";
  const byScim = makesByScim(settings);
  const can = verbs(settings);
  const writable = ["givenName", "familyName", "username", "available", "customFields"];
  const traits: Traits = {
    kinds: KINDS,
    verbs: can,
    create:
      can.create === undefined
        ? null
        : {
            kind: "teammate",
            outcome: byScim ? "active" : "invited",
            emailUniqueAcross: ["teammate"],
            refusesDuplicates: false,
            teams: 0,
            role: !byScim,
            requires: ["email"],
          },
    remove:
      can.remove === undefined
        ? null
        : { effect: "deactivate", reservesEmail: true, handOverFirst: [], leaveTeamsFirst: true },
    reactivate: "by-hand",
    reactivateByHand:
      "In Front, open Settings > Teammates as an admin, find the blocked teammate and unblock them. Teams and attributes are set by the plan afterwards.",
    contain: null,
    teams: { perAccount: "many", toldBy: "members", meaning: "inbox team" },
    roles: { values: [ROLE_ADMIN, ROLE_TEAMMATE], privileged: [ROLE_ADMIN], standard: ROLE_TEAMMATE },
    writable: vendor ? writable : [...writable, "email"],
    singleName: false,
    confirmByRead: true,
    settleMs: 60_000,
    quota: vendor
      ? { scheme: "sliding-log", limit: 40, windowMs: 60_000, owner: "account" }
      : { scheme: "fixed-window", limit: 120, windowMs: 60_000, owner: "credential" },
    scim: {
      available: true,
      note: "SCIM 2.0 on plan Professional (Growth) or above, Enterprise for full integration with Okta or Entra ID. It creates and deactivates; changes of attributes may not arrive, and teams are not part of it.",
    },
    userEvents: ["teammate.created", "teammate.updated", "teammate.deleted"],
  };
  return applyCommonSettings(traits, settings);
}
