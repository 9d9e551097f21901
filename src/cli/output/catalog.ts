import type { CaveatRow, ConfigCheck, DoctorCheck, ExplainedKey } from "../host.ts";
import type { Style } from "./style.ts";
import { alignRows, renderTable } from "./table.ts";
import { counted } from "./text.ts";

export interface CaveatsDocument {
  readonly schema: "tenure.caveats/v1";
  readonly connector: string;
  readonly name: string;
  readonly guide: { readonly title: string; readonly version: string };
  readonly caveats: readonly CaveatRow[];
}

/** The vendor's facts, each with where it is written. */
export function renderCaveats(document: CaveatsDocument, style: Style): readonly string[] {
  const lines = document.caveats.flatMap((one) => [
    `${style.bold(one.id)}  ${one.says}`,
    `  ${style.dim(one.profile === "guide" ? one.where : `${one.where} (profile ${one.profile})`)}`,
  ]);
  const source = `${document.name}: ${counted(document.caveats.length, "fact")} of ${document.guide.title}, ${document.guide.version}`;
  return [...lines, source];
}

export interface AddedDocument {
  readonly schema: "tenure.app-added/v1";
  readonly name: string;
  readonly connector: string;
  readonly file: string;
  readonly setup: readonly string[];
  readonly test: AppTest;
}

/** What came of testing an app that was just written down. */
export interface AppTest {
  /** Null: it could not be tested yet; `text` says why. */
  readonly ok: boolean | null;
  readonly text: readonly string[];
}

export function renderAdded(document: AddedDocument, style: Style): readonly string[] {
  return [
    `Added ${document.name} to ${document.file}`,
    ...(document.setup.length === 0 ? [] : ["What to do at the vendor's side, once:"]),
    ...document.setup.map((one, index) => `  ${index + 1}. ${one}`),
    ...renderAppTest(document.test, style),
  ];
}

function renderAppTest(test: AppTest, style: Style): readonly string[] {
  const word = test.ok === null ? style.yellow("not tested") : test.ok ? style.green("ok") : style.red("failed");
  return test.text.map((text) => `${word}  ${text}`);
}

export interface InitDocument {
  readonly schema: "tenure.written/v1";
  readonly file: string;
  readonly test: AppTest | null;
}

export function renderInit(document: InitDocument, style: Style): readonly string[] {
  return [`Wrote ${document.file}`, ...(document.test === null ? [] : renderAppTest(document.test, style))];
}

export interface ConfigDocument extends ConfigCheck {
  readonly schema: "tenure.config-check/v1";
}

export function renderConfigCheck(document: ConfigDocument, style: Style): readonly string[] {
  if (document.file === null) return ["There is no configuration file: everything has its default."];
  const counts = `${counted(document.apps.length, "app")}, ${counted(document.sources.length, "source")}, ${counted(document.rules, "rule")}`;
  const lines = [...document.problems];
  if (document.unresolved.length > 0) {
    lines.push(style.yellow("Not to be had in this environment:"), ...document.unresolved.map((one) => `  ${one}`));
  }
  lines.push(
    document.ok
      ? `${document.file} is valid: ${counts}.`
      : `${document.file}: ${counted(document.problems.length, "error")}.`,
  );
  return lines;
}

export interface ExplainDocument {
  readonly schema: "tenure.config-explain/v1";
  readonly keys: readonly ExplainedKey[];
}

export function renderConfigExplain(document: ExplainDocument, style: Style): readonly string[] {
  const rows = document.keys.map((one) => [
    one.key,
    typeof one.value === "string" ? one.value : JSON.stringify(one.value),
    one.from,
    one.place,
  ]);
  return renderTable(style, ["key", "value", "from", "place"], rows);
}

export interface DoctorDocument {
  readonly schema: "tenure.doctor/v1";
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

export function renderDoctor(document: DoctorDocument, style: Style): readonly string[] {
  const paint = { ok: style.green, warn: style.yellow, fail: style.red };
  const lines = alignRows(document.checks.map((one) => [paint[one.state](one.state), one.what, one.text]));
  return document.checks.flatMap((one, index) => [
    lines[index] ?? "",
    ...(one.fix === null ? [] : [`      ${one.fix}`]),
  ]);
}
