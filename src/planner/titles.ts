import type { Action, Target } from "../model/plan.ts";
import type { AppScene } from "./scene.ts";
import { teamName } from "./scene.ts";
import { capitalize, countText, listText, wordsOf } from "./words.ts";

const FIELD_WORDS: Readonly<Record<string, string>> = {
  displayName: "name",
  givenName: "given name",
  familyName: "family name",
  email: "e-mail",
  phone: "phone",
};

/** "given name", or the attribute's own name. */
export function fieldWord(field: string): string {
  return FIELD_WORDS[field] ?? field.replace(/^attributes\./u, "");
}

/** What the step does, in the words of the app and with the numbers of the data. */
export function titleOf(app: AppScene, target: Target, action: Action): string {
  const { one } = wordsOf(app.traits, target.kind);
  const id = target.id ?? target.label;
  switch (action.verb) {
    case "create":
      return createTitle(app, one, action.draft.role, action.draft.teams);
    case "update":
      return `Change ${listText(Object.keys(action.changes).sort().map(fieldWord))} of ${one} ${id}`;
    case "suspend":
      return `Suspend ${one} ${id}`;
    case "reactivate":
      return `Reactivate ${one} ${id}`;
    case "remove":
      return `${removeWord(app)} ${one} ${id}`;
    case "convert":
      return `Turn ${one} ${id} into ${wordsOf(app.traits, action.to).one}`;
    case "join":
      return `Add to ${action.team.name}`;
    case "leave":
      return `Take out of ${action.team.name}`;
    case "assignRole":
      return `Give role ${action.role}`;
    case "transfer":
      return `Reassign ${countText(action.count, wordsOf(app.traits, action.holding))} to ${action.to.label}`;
    case "verifyNone":
      return `Check that no ${wordsOf(app.traits, action.holding).one} is left with ${target.label}`;
    case "revokeInvitation":
      return `Revoke the invitation of ${target.email ?? target.label}`;
    case "manual":
      return action.instructions;
  }
}

function removeWord(app: AppScene): string {
  switch (app.traits.remove?.effect) {
    case "deactivate":
      return "Deactivate";
    case "detach":
      return "Remove";
    case "erase":
    case undefined:
      return "Delete";
  }
}

function createTitle(app: AppScene, one: string, role: string | null, teams: readonly string[]): string {
  const what = role === null ? one : capitalize(role);
  const where = teams.length === 0 ? "" : ` in ${listText(teams.map((team) => teamName(app, team)))}`;
  const invites = app.traits.create?.outcome === "invited" ? " (sends an invitation)" : "";
  return `Create ${what}${where}${invites}`;
}
