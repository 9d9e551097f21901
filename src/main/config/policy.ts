import { hashJson } from "../../kernel/hash.ts";
import { RULE_FIELDS } from "../../graph/expected.ts";
import type { ApprovalRule, Gift, Policy, Rule } from "../../model/policy.ts";
import type { ConnectionConfig } from "./connections.ts";
import type { ConfigDocument, ConfigPath, ConfigProblem } from "./document.ts";
import type { ConfigFile, GiftConfig } from "./schema.ts";
import { suggestion } from "./suggest.ts";

interface Reading {
  readonly document: ConfigDocument;
  readonly file: ConfigFile;
  readonly connections: readonly ConnectionConfig[];
}

/** Everything that decides what a plan does, with the problems that only show when all parts are seen together. */
export function readPolicy(reading: Reading): { readonly policy: Policy; readonly problems: readonly ConfigProblem[] } {
  const { document, file, connections } = reading;
  const problems = [...ruleProblems(reading), ...approvalProblems(reading)];
  const policy: Policy = {
    rules: file.rules.map((one, index): Rule => {
      const place = document.place(["rules", index], "value");
      return {
        name: one.name,
        place: place === null ? document.name : `${document.name}:${place.line}`,
        when: one.when,
        give: Object.fromEntries(Object.entries(one.give).map(([app, gift]) => [app, toGift(gift)])),
      };
    }),
    connections: connections.map((one) => one.policy),
    guards: {
      removals: file.guards.removals,
      creates: file.guards.creates,
      rosterShrinkPercent: file.guards.rosterShrink,
      snapshotAgeMs: file.guards.snapshotAge,
    },
    approvals: file.approvals.map((one): ApprovalRule => ({
      undo: one.when.undo ?? null,
      app: one.when.app ?? null,
      need: one.need,
    })),
    domains: file.match.domains.map((group) => group.map((one) => one.toLowerCase())),
    autoLink: file.match.autoLink,
    invitationAgeDays: file.guards.invitationAge,
    // References, never secrets, stand in the file; so its content may be hashed as it is.
    hash: hashJson(document.data),
  };
  return { policy, problems };
}

function toGift(gift: GiftConfig): Gift {
  return {
    role: gift.role ?? null,
    teams: [...(gift.team === undefined ? [] : [gift.team]), ...gift.teams],
    attributes: gift.attributes,
  };
}

function ruleProblems(reading: Reading): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();
  const add = (path: ConfigPath, message: string, part: "key" | "value" = "value"): void => {
    problems.push({ path, message, place: reading.document.place(path, part) });
  };
  for (const [index, rule] of reading.file.rules.entries()) {
    const path: ConfigPath = ["rules", index];
    if (seen.has(rule.name)) add([...path, "name"], "another rule has this name");
    seen.add(rule.name);
    for (const field of Object.keys(rule.when)) {
      if (!isPersonField(field)) add([...path, "when", field], `people have no such field${fieldHint(field)}`, "key");
    }
    for (const [app, gift] of Object.entries(rule.give)) {
      const inner: ConfigPath = [...path, "give", app];
      if (!Object.hasOwn(reading.file.apps, app)) {
        add(inner, `no app has this name${suggestion(app, Object.keys(reading.file.apps))}`, "key");
      }
      for (const [part, text] of giftTexts(gift)) {
        for (const field of templateFields(text)) {
          if (!isPersonField(field)) add([...inner, ...part], `people have no field ${field}${fieldHint(field)}`);
        }
      }
      const roleProblem = checkRole(
        gift.role ?? null,
        reading.connections.find((one) => one.name === app),
      );
      if (roleProblem !== null) add([...inner, "role"], roleProblem);
    }
  }
  return problems;
}

function isPersonField(field: string): boolean {
  return (RULE_FIELDS as readonly string[]).includes(field);
}

function fieldHint(field: string): string {
  return suggestion(field, RULE_FIELDS);
}

function giftTexts(gift: GiftConfig): readonly (readonly [ConfigPath, string])[] {
  const texts: [ConfigPath, string][] = [];
  if (gift.role !== undefined) texts.push([["role"], gift.role]);
  if (gift.team !== undefined) texts.push([["team"], gift.team]);
  gift.teams.forEach((team, index) => texts.push([["teams", index], team]));
  for (const [name, value] of Object.entries(gift.attributes)) {
    if (typeof value === "string") texts.push([["attributes", name], value]);
  }
  return texts;
}

function templateFields(text: string): readonly string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}

function checkRole(role: string | null, connection: ConnectionConfig | undefined): string | null {
  if (role === null || connection === undefined || role.includes("{")) return null;
  const { values } = connection.traits.roles;
  if (values.length === 0 || values.includes(role)) return null;
  return `${connection.manifest.name} has no such role; its roles are ${values.join(", ")}`;
}

function approvalProblems(reading: Reading): readonly ConfigProblem[] {
  return reading.file.approvals.flatMap((one, index): readonly ConfigProblem[] => {
    const { app } = one.when;
    if (app === undefined || Object.hasOwn(reading.file.apps, app)) return [];
    const path: ConfigPath = ["approvals", index, "when", "app"];
    const message = `no app has this name${suggestion(app, Object.keys(reading.file.apps))}`;
    return [{ path, message, place: reading.document.place(path, "value") }];
  });
}
