import type {
  AppLimitsResult,
  AppResult,
  AppRow,
  AppsResult,
  AppsTestResult,
  StatusResult,
} from "../../app/contract.ts";
import type { Style } from "./style.ts";
import { alignRows, renderTable } from "./table.ts";
import { counted, grouped, shortTime, wrapped } from "./text.ts";

function appRows(apps: readonly AppRow[]): readonly (readonly string[])[] {
  return apps.map((app) => [
    app.name,
    app.appName,
    app.profile,
    app.accounts === null ? "-" : grouped(app.accounts),
    app.seats === null ? "-" : grouped(app.seats),
    app.lastRead === null ? "never" : shortTime(app.lastRead),
    app.health,
  ]);
}

/** Sentences are broken here. */
const TEXT_WIDTH = 100;

const APP_HEADS = ["name", "app", "profile", "accounts", "seats", "read", "health"];

export function renderApps(result: AppsResult, style: Style): readonly string[] {
  if (result.apps.length === 0) return ["No apps are configured."];
  return renderTable(style, APP_HEADS, appRows(result.apps));
}

export function renderApp(result: AppResult, style: Style): readonly string[] {
  const { app, traits } = result;
  const facts = [
    ["connector", `${app.connector}, profile ${app.profile}`],
    ["written from", `${result.guide.title}, ${result.guide.version}`],
    ["speaks to", result.origin],
    ["read", app.lastRead === null ? "never" : shortTime(app.lastRead)],
    ["health", app.health],
    ["quota", `${traits.quota.limit} requests in ${traits.quota.windowMs / 1000} s for each ${traits.quota.owner}`],
    ["SCIM", traits.scim.note],
  ];
  const capabilities = result.capabilities.map((one) => [
    one.verb,
    one.can ? "yes" : "by hand",
    one.undo === null ? "" : one.undo === "never" ? style.red("never") : one.undo,
    one.note,
  ]);
  const block = (title: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0
      ? []
      : [
          "",
          style.bold(title),
          ...texts.flatMap((text) =>
            wrapped(text, TEXT_WIDTH).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)),
          ),
        ];
  return [
    `${style.bold(app.name)}  ${app.appName}`,
    ...alignRows(facts.map((row) => [`  ${row[0]}`, row[1] ?? ""])),
    "",
    ...renderTable(style, ["can", "by API", "undo", "note"], capabilities),
    ...block("Setup", result.setup),
    ...block("Good to know", result.notes),
  ];
}

export function renderAppsTest(result: AppsTestResult, style: Style): readonly string[] {
  if (result.apps.length === 0) return ["No apps are configured."];
  return alignRows(
    result.apps.flatMap((app) =>
      app.checks.map((check) => [
        check.state === "ok" ? style.green("ok") : style.red(check.state),
        app.app,
        check.what,
        check.text,
      ]),
    ),
  );
}

export function renderLimits(result: AppLimitsResult, style: Style): readonly string[] {
  const rows = result.apps.map((one) => [
    one.app,
    `${grouped(one.quota.limit)} in ${one.quota.windowMs / 1000} s`,
    one.quota.scheme,
    one.quota.owner,
    `${Math.round(one.share * 100)} %`,
    grouped(one.allowance),
    Object.entries(one.maxPageSize)
      .map(([kind, size]) => `${kind} ${size}`)
      .join(", "),
  ]);
  return renderTable(style, ["app", "quota", "scheme", "counted for each", "our share", "calls", "largest page"], rows);
}

/** What needs a human, and how the apps stand. */
export function renderStatus(result: StatusResult, style: Style): readonly string[] {
  const { findings } = result;
  const lines = [
    `Findings: ${findings.high} high, ${findings.medium} medium, ${findings.low} low`,
    `Matches to decide: ${result.candidates}`,
    result.waiting.length === 0
      ? "Nothing waits for a human."
      : `${counted(result.waiting.length, "step")} need a human:`,
    ...alignRows(result.waiting.map((one) => [`  ${one.run}`, one.step, one.reason])),
  ];
  return result.apps.length === 0 ? lines : [...lines, "", ...renderTable(style, APP_HEADS, appRows(result.apps))];
}
