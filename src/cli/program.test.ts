import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ERROR_TRAITS } from "../kernel/errors.ts";
import { VARIABLES } from "../main/config.ts";
import { publishedSchemas } from "./documents.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { completionScript } from "./output/completion.ts";
import { cliReference, commandTree, printedHelp } from "./reference.ts";
import { lineReader } from "./wire-lines.ts";

test("the reference of the commands is what they print", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  assert.equal(page, await cliReference(VARIABLES), "run npm run generate");
  assert.ok(page.includes("tenure apps add followupboss --name crm"));
});

test("every command has a description, and every topic a text", async () => {
  const program = commandTree();
  const all = program.commands.flatMap((one) => [one, ...one.commands]);
  assert.deepEqual(
    all.filter((one) => one.description() === "").map((one) => one.name()),
    [],
  );
  for (const topic of ["exit-codes", "output", "undo", "rate-limits", "environment", "agents"]) {
    assert.ok((await printedHelp(["help", topic], [])).split("\n").length > 4, topic);
  }
  assert.match(await printedHelp(["help", "environment"], VARIABLES), /TENURE_CONFIG/);
  assert.equal(await printedHelp(["help", "apps", "add"], []), await printedHelp(["apps", "add", "--help"], []));
});

test("each code that an error can end with is in the table of exit codes", () => {
  const known = new Set<number>(EXIT_CODES.map(([code]) => code));
  for (const traits of Object.values(ERROR_TRAITS)) assert.ok(known.has(traits.exit));
});

test("the published schemas are those of the code", () => {
  const folder = new URL("../../docs/schemas/", import.meta.url);
  const made = publishedSchemas();
  for (const [name, schema] of Object.entries(made)) {
    assert.deepEqual(JSON.parse(readFileSync(new URL(name, folder), "utf8")), schema, `${name}: run npm run generate`);
  }
  const extra = readdirSync(folder).filter((name) => !Object.hasOwn(made, name) && name !== "tenure.yaml.json");
  assert.deepEqual(extra, []);
});

test("completion knows the commands of this build", () => {
  const program = commandTree();
  assert.match(completionScript(program, "bash"), /"runs"\) words="list show resume /);
  assert.match(completionScript(program, "fish"), /__fish_seen_subcommand_from runs' -a resume/);
  assert.match(completionScript(program, "zsh"), /bashcompinit/);
  assert.throws(() => completionScript(program, "tcsh"), /give bash, zsh or fish/);
});

test("lines come whole however the stream is cut, and one without an end is refused", () => {
  const read = lineReader(20);
  assert.deepEqual(["ab", "c\nde", "f\n\ng"].map(read), [[], ["abc"], ["def", ""]]);
  assert.deepEqual(read("\n"), ["g"]);
  assert.throws(() => lineReader(20)("x".repeat(21)), /too long/);
});
