import type { Traits, VerbTraits } from "../../model/traits.ts";

function verb(traits: Partial<VerbTraits>): VerbTraits {
  return { undo: "api", resend: "safe", requests: 1, seat: 0, sideEffects: [], ...traits };
}

/**
 * An app that erases: users with leads, one team each, deactivated users hidden from the list, paid seats, one name field
 * (contract of Follow Up Boss, profile guide).
 */
export const CRM_TRAITS: Traits = {
  kinds: {
    user: {
      noun: "account",
      one: "user",
      many: "users",
      per: null,
      proof: "two-walks",
      hidesInactive: true,
      maxPageSize: 100,
    },
    team: {
      noun: "team",
      one: "team",
      many: "teams",
      per: null,
      proof: "two-walks",
      hidesInactive: false,
      maxPageSize: 100,
    },
    lead: {
      noun: "holding",
      one: "lead",
      many: "leads",
      per: "account",
      proof: "two-walks",
      hidesInactive: false,
      maxPageSize: 100,
    },
  },
  verbs: {
    create: verb({ resend: "once", seat: 1, sideEffects: ["takes a paid seat"] }),
    update: verb({}),
    suspend: verb({}),
    reactivate: verb({}),
    join: verb({}),
    leave: verb({}),
    assignRole: verb({}),
    transfer: verb({}),
    remove: verb({ undo: "never", resend: "once", seat: -1, sideEffects: ["mobile and API key access are cut"] }),
  },
  create: {
    kind: "user",
    outcome: "active",
    emailUniqueAcross: ["user"],
    refusesDuplicates: true,
    teams: 1,
    role: true,
    requires: ["email", "displayName"],
  },
  remove: { effect: "erase", reservesEmail: false, handOverFirst: ["lead"], leaveTeamsFirst: false },
  reactivate: "api",
  reactivateByHand: null,
  contain: "suspend",
  teams: { perAccount: "one", toldBy: "account", meaning: "team" },
  roles: { values: ["Admin", "Agent"], privileged: ["Admin"], standard: "Agent" },
  writable: ["displayName", "email", "phone", "timezone"],
  singleName: true,
  confirmByRead: false,
  settleMs: 60_000,
  quota: { scheme: "fixed-window", limit: 1000, windowMs: 600_000, owner: "credential" },
  scim: { available: false, note: "none" },
  userEvents: [],
};

/**
 * An app that deactivates, with no way back by API: teammates who are invited, many teams that only their member lists
 * tell, given and family name (contract of Front, profile guide).
 */
export const INBOX_TRAITS: Traits = {
  kinds: {
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
      one: "membership",
      many: "memberships",
      per: "team",
      proof: "cursor-end",
      hidesInactive: false,
      maxPageSize: 100,
    },
  },
  verbs: {
    create: verb({ undo: "by-hand", resend: "never", seat: 1, sideEffects: ["sends an invitation e-mail at once"] }),
    update: verb({}),
    join: verb({}),
    leave: verb({ resend: "once" }),
    assignRole: verb({}),
    remove: verb({ undo: "by-hand", resend: "once", seat: -1, sideEffects: ["history and conversations are kept"] }),
  },
  create: {
    kind: "teammate",
    outcome: "invited",
    emailUniqueAcross: ["teammate"],
    refusesDuplicates: false,
    teams: 0,
    role: true,
    requires: ["email"],
  },
  remove: { effect: "deactivate", reservesEmail: true, handOverFirst: [], leaveTeamsFirst: true },
  reactivate: "by-hand",
  reactivateByHand: "In Settings > Teammates, find the blocked teammate and unblock them.",
  contain: null,
  teams: { perAccount: "many", toldBy: "members", meaning: "inbox team" },
  roles: { values: ["Admin", "Teammate"], privileged: ["Admin"], standard: "Teammate" },
  writable: ["givenName", "familyName", "email", "username", "customFields"],
  singleName: false,
  confirmByRead: true,
  settleMs: 60_000,
  quota: { scheme: "fixed-window", limit: 120, windowMs: 60_000, owner: "credential" },
  scim: { available: true, note: "creates and deactivates" },
  userEvents: [],
};
