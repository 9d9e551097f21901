import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { isAppError } from "../kernel/errors.ts";
import { loadManifests } from "./catalog.ts";
import { readEnvironment } from "./config.ts";
import { checkConfigText, loadConfig, type LoadOptions } from "./config/load.ts";

const CANARY = "sk-live-canary-4711";

async function options(variables: Readonly<Record<string, string>> = {}, folder = "/nowhere"): Promise<LoadOptions> {
  const manifests = await loadManifests();
  return { file: null, manifests, secrets: { variable: (name) => variables[name], folder } };
}

async function problemsOf(lines: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const report = await checkConfigText(lines.join("\n"), await options({ FUB: "a", FRONT: "b", ...variables }));
  return report.problems;
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-config-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CRM = "apps: { crm: { connector: followupboss, apiKey: env:FUB } }";

test("every error has its line and column, all at once, in the order of the file", async () => {
  const problems = await problemsOf([
    "apps:",
    "  crm:",
    "    connector: followupboss",
    `    apiKey: ${CANARY}`,
    "    sharee: 0.7",
    "  inbox: { connector: fronnt, token: env:FRONT }",
    "guards: { removals: { percent: 101 } }",
    'schedule: { roster: "every night" }',
    "wathever: 1",
  ]);
  assert.deepEqual(problems, [
    'tenure.yaml:4:13  apps.crm.apiKey: must start with "env:" (a reference, never the secret)',
    "tenure.yaml:5:5  apps.crm.sharee: unknown key; did you mean share?",
    "tenure.yaml:6:23  apps.inbox.connector: there is no such connector; the connectors are followupboss, front",
    "tenure.yaml:7:32  guards.removals.percent: must be at most 100",
    'tenure.yaml:8:21  schedule.roster: must be a cron expression of five fields, such as "0 2 * * *" for every night at two',
    "tenure.yaml:9:1  wathever: unknown key; known here: apps, sources, match, rules, leavers, guards, approvals, schedule, notify",
  ]);
});

test("a rule that names an unknown app, field or role is an error with the nearest known one", async () => {
  const problems = await problemsOf([
    CRM,
    "rules:",
    '  - { name: a, when: { departmnt: Sales }, give: { crn: { team: "{offce} Team" } } }',
    "  - { name: a, give: { crm: { role: Broker } } }",
  ]);
  assert.deepEqual(problems, [
    "tenure.yaml:3:24  rules.0.when.departmnt: people have no such field; did you mean department?",
    "tenure.yaml:3:52  rules.0.give.crn: no app has this name; did you mean crm?",
    "tenure.yaml:3:65  rules.0.give.crn.team: people have no field offce; did you mean office?",
    "tenure.yaml:4:13  rules.1.name: another rule has this name",
    "tenure.yaml:4:37  rules.1.give.crm.role: Follow Up Boss has no such role; its roles are Admin, Agent",
  ]);
});

test("http is taken on loopback only, and a sandbox may use its whole quota", async () => {
  const far = "apps: { crm: { connector: followupboss, apiKey: env:FUB, baseUrl: 'http://example.com/v1' } }";
  assert.match(
    (await problemsOf([far]))[0] ?? "",
    /^tenure\.yaml:1:67 {2}apps\.crm\.baseUrl: must start with https:\/\//,
  );
  const near = "apps: { crm: { connector: followupboss, apiKey: env:FUB, baseUrl: 'http://127.0.0.1:4281/v1' } }";
  const { config, problems } = await checkConfigText(near, await options({ FUB: "a" }));
  assert.deepEqual(problems, []);
  assert.deepEqual([config.connections[0]?.loopback, config.connections[0]?.policy.share], [true, 1]);
  const live = await checkConfigText(CRM, await options({ FUB: "a" }));
  assert.deepEqual([live.config.connections[0]?.loopback, live.config.connections[0]?.policy.share], [false, 0.7]);
});

test("what is not YAML is said with its place, and the line is not quoted", async () => {
  const problems = await problemsOf(["apps:", `  crm: { apiKey: "${CANARY}`, "    x: *nobody"]);
  assert.ok(problems.length > 0);
  assert.match(problems[0] ?? "", /^tenure\.yaml:\d+:\d+ {2}is not valid YAML: /);
  assert.doesNotMatch(problems.join("\n"), /canary|nobody/);
  assert.match(
    (await problemsOf(["apps: {}", "apps: {}"]))[0] ?? "",
    /^tenure\.yaml:2:1 {2}is not valid YAML: map keys must be unique/,
  );
  assert.match((await problemsOf(["- just", "- a list"]))[0] ?? "", /must hold keys such as apps/);
});

test("names that would reach into objects are refused", async () => {
  const problems = await problemsOf(["apps:", "  __proto__: { connector: front, token: env:FRONT }"]);
  assert.deepEqual(problems, ["tenure.yaml:2:3  apps.__proto__: this name cannot be used"]);
});

test("a file that refers to itself a thousand times over is refused", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (const [name, before] of ["b", "c", "d", "e", "f", "g"].map(
    (name, index) => [name, "abcdef"[index] ?? "a"] as const,
  )) {
    bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`);
  }
  assert.match((await problemsOf(bomb)).join("\n"), /more references/);
});

test("a variable that is not set is told apart from a reference that is none", async () => {
  const report = await checkConfigText(CRM, await options());
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.unresolved, ["tenure.yaml:1:49  apps.crm.apiKey: the environment variable FUB is not set"]);
});

test("secrets come from files that only their owner can read", async () => {
  await withFolder(async (folder) => {
    const secrets = join(folder, "secrets");
    await mkdir(secrets);
    await writeFile(join(secrets, "fub"), `${CANARY}\n`, { mode: 0o600 });
    const text = "apps: { crm: { connector: followupboss, apiKey: secret:fub } }";
    const report = await checkConfigText(text, await options({}, secrets));
    assert.deepEqual([report.problems, report.unresolved], [[], []]);
    const shown = `${inspect(report.config, { depth: 20 })}${JSON.stringify(report.config.connections)}`;
    assert.match(shown, /\[secret\]/);
    assert.doesNotMatch(shown, /canary/);
    await chmod(join(secrets, "fub"), 0o644);
    const open = await checkConfigText(text, await options({}, secrets));
    assert.match(open.unresolved[0] ?? "", /others can read the file .*fub: run chmod 600/);
    const gone = await checkConfigText(text.replace("secret:fub", "secret:other"), await options({}, secrets));
    assert.match(gone.unresolved[0] ?? "", /other is not there: write the secret into it, mode 600/);
  });
});

test("a secret with a line break never becomes a header", async () => {
  const report = await checkConfigText(CRM, await options({ FUB: "abc\r\nX-Evil: 1" }));
  assert.match(report.unresolved[0] ?? "", /holds a line break/);
  assert.doesNotMatch(report.unresolved[0] ?? "", /Evil/);
});

test("the whole example of the documentation is taken as it stands", async () => {
  const text = `# yaml-language-server: $schema=./.tenure/schema.json
apps:
  crm: { connector: followupboss, apiKey: "env:FUB", share: 0.7, seats: 65, protected: [Owner@HarborPine.example] }
  inbox: { connector: front, token: "env:FRONT", profile: guide, scim: { baseUrl: "https://scim.example", token: "env:SCIM" } }
sources:
  hr: { roster: ./roster.csv, columns: { email: "Work Email", lastDay: "Termination Date" }, zone: America/Los_Angeles }
  okta: { directory: ./okta-users.csv }
match: { domains: [[harborpine.example, harborpine-realty.example]], autoLink: exact }
rules:
  - { name: sales-gets-crm, when: { department: Sales }, give: { crm: { role: Agent, team: "{office} Team" } } }
leavers: { crm: { leads: manager, final: delete, grace: 14d } }
guards: { removals: { percent: 5, floor: 3 }, creates: { percent: 20, floor: 20 }, rosterShrink: 5%, snapshotAge: 30m }
approvals:
  - { when: { undo: never }, need: 2 }
  - { when: { undo: by-hand }, need: 1 }
schedule: { sync: 15m, roster: "0 2 * * *" }
notify: { mail: { smtp: "env:SMTP_URL", to: [it@harborpine.example] } }
`;
  const { config, problems, unresolved } = await checkConfigText(
    text,
    await options({ FUB: "a", FRONT: "b", SCIM: "c" }),
  );
  assert.deepEqual([problems, unresolved], [[], []]);
  const { policy } = config;
  assert.deepEqual(policy.connections[0]?.protected, ["Owner@harborpine.example".toLowerCase()]);
  assert.deepEqual(policy.connections[0]?.leaver, { handOver: { lead: "manager" }, final: "delete", graceDays: 14 });
  assert.deepEqual(policy.guards, {
    removals: { percent: 5, floor: 3 },
    creates: { percent: 20, floor: 20 },
    rosterShrinkPercent: 5,
    snapshotAgeMs: 30 * 60_000,
  });
  assert.equal(policy.rules[0]?.place, "tenure.yaml:10");
  assert.deepEqual(policy.rules[0]?.give, { crm: { role: "Agent", teams: ["{office} Team"], attributes: {} } });
  assert.deepEqual(policy.approvals, [
    { undo: "never", app: null, need: 2 },
    { undo: "by-hand", app: null, need: 1 },
  ]);
  assert.deepEqual(
    config.sources.map((one) => [one.name, one.kind, one.zone]),
    [
      ["hr", "roster", "America/Los_Angeles"],
      ["okta", "directory", "UTC"],
    ],
  );
  assert.deepEqual(config.schedule, { syncMs: 15 * 60_000, roster: "0 2 * * *" });
});

test("the policy's hash changes with what the file says and not with its comments", async () => {
  const hash = async (text: string): Promise<string> =>
    (await checkConfigText(text, await options({ FUB: "a" }))).config.policy.hash;
  assert.equal(await hash(`# a comment\n${CRM}`), await hash(CRM));
  assert.notEqual(await hash(`${CRM}\nguards: { rosterShrink: 6% }`), await hash(CRM));
});

test("a holding is named by the app's own word, and an unknown one is an error", async () => {
  const problems = await problemsOf([CRM, "leavers: { crm: { deals: manager, leads: someone, grace: 3 } }"]);
  assert.deepEqual(problems, [
    "tenure.yaml:2:19  leavers.crm.deals: unknown key; did you mean leads?",
    "tenure.yaml:2:42  leavers.crm.leads: must be manager, park, or an e-mail address",
    "tenure.yaml:2:58  leavers.crm.grace: must be days, such as 0d or 30d",
  ]);
});

test("without a file everything has its default, and a named file that is not there is an error", async () => {
  const config = await loadConfig(await options());
  assert.deepEqual([config.connections, config.sources, config.policy.rules], [[], [], []]);
  await assert.rejects(
    async () => loadConfig({ ...(await options()), file: "/nowhere/tenure.yaml" }),
    (error: unknown) => isAppError(error, "config") && /there is no file \/nowhere\/tenure\.yaml/.test(error.message),
  );
});

test("a flag wins over a variable, a variable over a file, a file over the default", async () => {
  await withFolder(async (folder) => {
    const home = join(folder, "home");
    await mkdir(join(home, "tenure"), { recursive: true });
    await writeFile(join(home, "tenure", "config.yaml"), "");
    const variables = { XDG_CONFIG_HOME: home, TENURE_DATA_DIR: "from-variable" };
    const here = readEnvironment(variables, folder);
    assert.equal(here.settings({}).config, join(home, "tenure", "config.yaml"));
    await writeFile(join(folder, "tenure.yaml"), "");
    assert.equal(here.settings({}).config, join(folder, "tenure.yaml"));
    assert.equal(
      readEnvironment({ ...variables, TENURE_CONFIG: "b.yaml" }, folder).settings({}).config,
      join(folder, "b.yaml"),
    );
    assert.equal(here.settings({ config: "c.yaml" }).config, join(folder, "c.yaml"));
    assert.equal(here.settings({}).dataDir, join(folder, "from-variable"));
    assert.equal(here.settings({ dataDir: "from-flag" }).dataDir, join(folder, "from-flag"));
    assert.equal(readEnvironment({}, folder).settings({}).dataDir, join(folder, "data"));
    const origin = here.origins({ output: "json" }).map((one) => [one.key, one.from, one.place]);
    assert.deepEqual(origin.slice(0, 3), [
      ["config", "file", "./tenure.yaml"],
      ["data-dir", "environment", "TENURE_DATA_DIR"],
      ["output", "flag", "--output"],
    ]);
  });
});

test("settings that make no sense are wrong usage", () => {
  const environment = readEnvironment({}, "/");
  assert.throws(() => environment.settings({ output: "xml" }), /give text, json or ndjson/);
  assert.throws(() => environment.settings({ as: "a\u001b[2J" }), /printable/);
  assert.throws(() => readEnvironment({ TENURE_LOG_LEVEL: "loud" }, "/").settings({}), /TENURE_LOG_LEVEL/);
});
