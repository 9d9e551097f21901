import { EXIT_CODES } from "./exit-codes.ts";

/** Texts of `tenure help <topic>`; the variables come from the one reader of the environment. */
export const HELP_TOPICS: Readonly<Record<string, { readonly title: string; readonly lines: readonly string[] }>> = {
  "exit-codes": {
    title: "What the exit code of a command means",
    lines: EXIT_CODES.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`),
  },
  output: {
    title: "Text, JSON and lines of JSON",
    lines: [
      "Data goes to stdout, talk and errors to stderr.",
      "  -o text     for people; colour only on a terminal (NO_COLOR, CLICOLOR_FORCE and --no-color are obeyed)",
      "  -o json     one document; --json is short for it",
      "  -o ndjson   one object a line while the command works, type first; the last line has type result",
      "Every document says its schema, such as tenure.plan-view/v1. Fields are added within v1, never changed.",
      "The JSON Schemas are in docs/schemas.",
      "With json and ndjson an error is a document too: schema tenure.error/v1, with code, message, next and exit.",
      "--plain writes words instead of signs and one fact a line, for screen readers.",
      "Tables become facts, one a line, on terminals narrower than 80 columns.",
    ],
  },
  undo: {
    title: "What can be undone",
    lines: [
      "Every step of a plan says whether it can be taken back:",
      "  undo: yes       by a call of the app; a plan can do it",
      "  undo: by hand   only by a person in the app's admin page",
      "  undo: NO        never: what is deleted is gone",
      "Before anything is taken away for good, what the person owns is handed over and counted down to nothing.",
      "Steps that cannot be undone need other people's approval (approvals: in tenure.yaml).",
      "tenure apps show <app> lists it for each thing that can be done.",
    ],
  },
  "rate-limits": {
    title: "How calls are paced",
    lines: [
      "Each app allows so many requests in a time. Tenure counts its own before it sends, over all processes that use",
      "one key, and takes only its share: 70 % of the quota of a live app (share: in tenure.yaml), all of a sandbox's.",
      "What the app says of its limit is obeyed: Retry-After, and the headers with the calls that are left.",
      "Urgent work goes before reading on schedule. A plan says how many requests it takes and how long that is.",
      "tenure apps limits shows the quotas.",
    ],
  },
  environment: {
    title: "Variables that are read",
    lines: [
      "A flag wins over a variable, a variable over the file, the file over the default.",
      "The file is ./tenure.yaml, else tenure/config.yaml under XDG_CONFIG_HOME (~/.config).",
      "tenure config explain shows which value won.",
    ],
  },
  agents: {
    title: "For programs and AI agents",
    lines: [
      "Use -o ndjson or -o json, and --no-input: nothing is ever asked, nothing is coloured.",
      "tenure plan changes nothing. Read state, totals, guards and questions of its document before anything else.",
      "tenure plan --detailed-exitcode tells by its exit code whether there is something to do (2) or not (0).",
      "tenure apply <plan> does exactly what that plan says, or refuses: 3 guard, 4 not allowed, 6 stale, 8 waits.",
      "It needs --yes when something is taken away. Steps that cannot be undone wait for people's approval.",
      "An interrupted run is resumed with tenure runs resume <run>; nothing is done twice.",
      "Errors have a code and the next step. Text for people may change; documents and exit codes do not.",
      "tenure sandbox start --json gives a company and apps to try everything on.",
    ],
  },
};
