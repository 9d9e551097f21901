import { Document } from "yaml";
import type { JsonObject, JsonValue } from "../kernel/json.ts";

/** What a new `tenure.yaml` says; parts that are null are shown as comments. */
export interface TemplateParts {
  readonly apps: JsonObject;
  readonly roster: { readonly file: string; readonly zone: string | null } | null;
  /** Sections that are written as they are: rules, leavers, match. */
  readonly sections: JsonObject;
}

function yamlOf(value: JsonValue): string {
  const document = new Document(value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

function section(comment: string, name: string, value: JsonValue, example: string): string {
  const empty = value === null || (typeof value === "object" && Object.keys(value).length === 0);
  return `# ${comment}\n${empty ? example : yamlOf({ [name]: value })}\n`;
}

/** A commented configuration: what is not set stands there as an example. */
export function renderTemplate(parts: TemplateParts): string {
  const sources =
    parts.roster === null
      ? null
      : { hr: { roster: parts.roster.file, ...(parts.roster.zone === null ? {} : { zone: parts.roster.zone }) } };
  const of = (name: string): JsonValue => parts.sections[name] ?? null;
  return [
    "# yaml-language-server: $schema=./.tenure/schema.json\n" +
      "# Tenure: who has an account where, and who should. Check it with: tenure config validate\n",
    section(
      "The apps, by the name that you give them. Secrets are references: env:NAME or secret:NAME (a file in <data-dir>/secrets).",
      "apps",
      parts.apps,
      "# Add one with: tenure apps add\napps: {}",
    ),
    section(
      "Where people come from: a CSV or XLSX file of HR. Columns are found by their headers; name those that are not.",
      "sources",
      sources,
      '# sources:\n#   hr: { roster: ./roster.csv, columns: { email: "Work Email" }, zone: America/Los_Angeles }',
    ),
    section(
      "How accounts are matched to people: domains that mean the same company, and whether exact addresses link by themselves.",
      "match",
      of("match"),
      "# match: { domains: [[example.com, example.org]], autoLink: exact }",
    ),
    section(
      "Who gets what. {office} and other fields of the person are filled in.",
      "rules",
      of("rules"),
      '# rules:\n#   - { name: sales-gets-crm, when: { department: Sales }, give: { crm: { role: Agent, team: "{office} Team" } } }',
    ),
    section(
      "What happens to a leaver's account: who gets what they own (manager, park, or an address), and how it ends.",
      "leavers",
      of("leavers"),
      "# leavers:\n#   crm: { leads: manager, final: delete, grace: 0d }",
    ),
    section(
      "Brakes: a plan that would take away or add more than this is held.",
      "guards",
      of("guards"),
      "# guards: { removals: { percent: 5, floor: 3 }, creates: { percent: 20, floor: 20 }, rosterShrink: 5%, snapshotAge: 30m }",
    ),
    section(
      "How many people must say yes, by what can be undone.",
      "approvals",
      of("approvals"),
      "# approvals:\n#   - { when: { undo: never }, need: 2 }\n#   - { when: { undo: by-hand }, need: 1 }",
    ),
    section(
      "What tenure up does by itself: how often it reads the apps, and when it imports the roster.",
      "schedule",
      of("schedule"),
      '# schedule: { sync: 15m, roster: "0 2 * * *" }',
    ),
  ].join("\n");
}
