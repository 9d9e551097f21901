import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppEvent, PlanResult } from "../../app/contract.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Step } from "../../model/plan.ts";
import { errorDocument, renderError } from "./errors.ts";
import { liveProgress } from "./live.ts";
import { createOutput, type Output } from "./output.ts";
import { renderPlan } from "./plan.ts";
import { plainProgress } from "./progress.ts";
import { createStyle, type Style } from "./style.ts";
import { alignRows, renderTable } from "./table.ts";
import { cleanDocument, cleanText, counted, listed, shortTime, spelledSeconds, wrapped } from "./text.ts";

const plain: Style = createStyle({ color: false, plain: false, width: 0 });
const words: Style = createStyle({ color: false, plain: true, width: 0 });

function stepOf(number: number, more: Partial<Step>): Step {
  return {
    id: `stp_${number}`,
    number,
    app: "crm",
    appName: "The CRM",
    person: "per_1",
    personLabel: "Maya Okafor",
    target: { kind: "user", id: "4417", madeBy: null, email: "maya@a.example", label: "user 4417" },
    action: { verb: "remove" },
    title: "Delete user 4417",
    reason: { kind: "roster", text: "HR row 41: access ends", ref: "41" },
    precondition: { expect: "exists", fields: {}, noHoldings: [], person: {} },
    after: { exists: false },
    dependsOn: [],
    undo: "never",
    cost: { requests: 3, seconds: 0.5 },
    seat: -1,
    loss: null,
    sideEffects: [],
    approvals: 2,
    destructive: true,
    notBefore: null,
    ...more,
  };
}

function viewOf(steps: readonly Step[], more: Partial<PlanResult> = {}): PlanResult {
  return {
    schema: "tenure.plan-view/v1",
    label: "PL-42",
    plan: {
      id: "pln_1",
      number: 42,
      hash: "9f3c7a1e".padEnd(64, "0"),
      content: {
        schema: "tenure.plan/v1",
        trigger: { kind: "hr", ref: "hr", actor: "rosa" },
        base: { snapshots: [], imports: [], config: "" },
        steps,
        guards: [{ name: "removals", state: "warn", app: null, text: "1 person of 84", steps: [] }],
        questions: [],
        heldBack: [],
        madeAt: "2026-11-20T22:00:00.000Z",
        expiresAt: "2026-11-21T22:00:00.000Z",
      },
    },
    totals: { add: 0, change: 0, reassign: 1, remove: 1, manual: 0, requests: 165, seconds: 80, irreversible: 1 },
    people: [{ id: "per_1", label: "Maya Okafor", email: "maya@a.example", why: "HR row 41: access ends" }],
    read: [{ app: "crm", appName: "The CRM", counts: "65 users", readAt: "2026-11-20T22:00:00.000Z" }],
    runs: [],
    state: "needs-approval",
    ...more,
  };
}

const steps = [
  stepOf(1, {
    action: {
      verb: "transfer",
      holding: "lead",
      to: { kind: "user", id: "7", madeBy: null, email: null, label: "Jonah" },
      count: 143,
    },
    title: "Reassign 143 leads to Jonah Reyes",
    undo: "api",
    approvals: 0,
    notBefore: "2026-11-21T01:00:00.000Z",
  }),
  stepOf(2, { dependsOn: ["stp_1"], sideEffects: ["its templates go"], notBefore: "2026-11-21T01:00:00.000Z" }),
];

test("a plan says who, what, in which order, what can be undone, and what it costs", () => {
  assert.deepEqual(renderPlan(viewOf(steps), plain), [
    "Read 1 app: The CRM 65 users",
    "",
    "Maya Okafor  maya@a.example  HR row 41: access ends",
    "    not before 2026-11-21 01:00 UTC",
    " >   1  The CRM  Reassign 143 leads to Jonah Reyes           undo: yes",
    " -   2  The CRM  Delete user 4417                   after 1  undo: NO",
    "         its templates go",
    "",
    "Guards",
    "  warn  Removals  1 person of 84",
    "",
    "Plan PL-42 (9f3c7a1e): 0 to add, 0 to change, 1 to reassign, 1 to remove. 165 requests, about 1 min 20 s. 1 step needs approval by 2 people.",
  ]);
});

test("with --plain every sign is a word and every step one line", () => {
  const lines = renderPlan(viewOf(steps), words);
  assert.ok(lines.includes("reassign, 1, The CRM, Reassign 143 leads to Jonah Reyes, undo: yes"));
  assert.ok(lines.includes("remove, 2, The CRM, Delete user 4417, after 1, undo: NO"));
});

test("an empty plan says that nothing is to be done", () => {
  const lines = renderPlan(viewOf([], { read: [], state: "empty" }), plain);
  assert.equal(lines.at(-1), "Plan PL-42 (9f3c7a1e): nothing to change.");
});

test("wide characters keep columns straight, and narrow terminals get facts instead of columns", () => {
  assert.deepEqual(
    alignRows([
      ["名前", "a"],
      ["name", "b"],
    ]),
    ["名前  a", "name  b"],
  );
  const heads = ["person", "email", "status"];
  const rows = [["Maya", "maya@a.example", ""]];
  assert.deepEqual(renderTable(createStyle({ color: false, plain: false, width: 60 }), heads, rows), [
    "person: Maya",
    "email: maya@a.example",
  ]);
  assert.deepEqual(renderTable(plain, heads, rows), ["PERSON  EMAIL           STATUS", "Maya    maya@a.example"]);
});

test("[T18] text from outside cannot move the cursor, colour the screen or turn the reading direction", () => {
  assert.equal(cleanText("a\u001b[31mb\u0007\u202ec\nd"), "a\ufffd[31mb\ufffd\ufffdc d");
  const document = { schema: "x/v1", list: [{ name: "\u009b2J" }] };
  assert.deepEqual(cleanDocument(document), { schema: "x/v1", list: [{ name: "\ufffd2J" }] });
});

test("numbers, times and lists read like sentences", () => {
  assert.deepEqual(
    [counted(1, "step"), counted(1200, "step"), counted(2, "person", "people")],
    ["1 step", "1,200 steps", "2 people"],
  );
  assert.deepEqual([0.32, 42, 80, 7500].map(spelledSeconds), ["0.3 s", "42 s", "1 min 20 s", "2 h 5 min"]);
  assert.equal(shortTime("2026-11-20T22:00:00.000Z"), "2026-11-20 22:00 UTC");
  assert.deepEqual([listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
  assert.deepEqual(wrapped("one two three", 7), ["one two", "three"]);
});

const done: AppEvent = {
  type: "step.done",
  step: "stp_3",
  number: 3,
  app: "crm",
  title: "Delete user 4417",
  state: "ok",
  reason: null,
  seconds: 0.3,
  verified: true,
};
const about = { step: "stp_3", number: 3, app: "crm", title: "Delete user 4417" };

test("where there is no terminal each step is one line", () => {
  const lines: string[] = [];
  const event = plainProgress({ write: (line) => void lines.push(line), time: () => "14:02:11" });
  event(done);
  event({ ...done, state: "failed", reason: "no seat left", verified: false });
  event({ type: "step.retry", ...about, reason: "429", waitMs: 11_000 });
  event({ type: "step.progress", ...about, done: 1, total: 2 });
  assert.deepEqual(lines, [
    "14:02:11 ok 3 crm Delete user 4417 (0.3s, verified)\n",
    "14:02:11 FAIL 3 crm Delete user 4417 (0.3s): no seat left\n",
    "14:02:11 retry 3 crm in 11.0s: 429\n",
  ]);
});

test("on a terminal each app has a line that is written over, and none that is longer than the screen", async () => {
  let screen = "";
  const live = liveProgress({ write: (text) => void (screen += text), width: () => 60 });
  live.event({ type: "step.started", ...about });
  live.event({ type: "step.progress", ...about, done: 72, total: 144 });
  assert.ok(screen.endsWith("\u001b[1A\u001b[2Kcrm  ██████████░░░░░░░░░░ 72/144  3 Delete user 4417\n"), screen);
  live.event({ type: "step.retry", ...about, reason: "429, Retry-After 11 s and many more words", waitMs: 11_000 });
  assert.ok((screen.split("\n").at(-2) ?? "").replace("\u001b[1A\u001b[2K", "").length <= 59);
  live.event(done);
  await live.close();
  assert.ok(screen.endsWith("crm  ✓ 3\n"));
});

function outputOf(format: Output["format"]) {
  const printed = { out: "", err: "" };
  const output = createOutput({
    format,
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    style: plain,
    errorStyle: plain,
    onEvent: () => void (printed.err += "progress\n"),
    flags: "--data-dir ./other",
  });
  return { output, printed };
}

test("text has data on stdout and talk on stderr; json and ndjson have the document alone", () => {
  const document = { schema: "tenure.x/v1", name: "a\u001bb" } as const;
  for (const format of ["text", "json", "ndjson"] as const) {
    const { output, printed } = outputOf(format);
    output.event(done);
    output.result(document, (shown) => [shown.name]);
    output.next("tenure plan", "tenure sync && tenure plan");
    output.say("talk");
    const text = format === "text";
    const err =
      "progress\nNext: tenure --data-dir ./other plan\n      tenure --data-dir ./other sync && tenure --data-dir ./other plan\ntalk\n";
    assert.equal(printed.err, text ? err : "");
    if (text) assert.equal(printed.out, "a\ufffdb\n");
    else if (format === "json") assert.deepEqual(JSON.parse(printed.out), document);
    else {
      const [event = "", result = ""] = printed.out.trimEnd().split("\n");
      assert.deepEqual(JSON.parse(event), done);
      assert.deepEqual(JSON.parse(result), { type: "result", ...document });
    }
  }
});

test("an error says what failed and what to do, in words and as a document", () => {
  const error = new AppError("blocked", "a guard holds PL-1\nSee: tenure show PL-1", { details: { plan: "PL-1" } });
  assert.deepEqual(renderError(error, plain), ["error: a guard holds PL-1", "  See: tenure show PL-1"]);
  assert.deepEqual(errorDocument(error), {
    schema: "tenure.error/v1",
    code: "blocked",
    message: "a guard holds PL-1",
    next: ["See: tenure show PL-1"],
    details: { plan: "PL-1" },
    exit: 3,
  });
  const { output, printed } = outputOf("ndjson");
  output.fail(error);
  assert.match(printed.out, /^\{"type":"result","schema":"tenure\.error\/v1","code":"blocked"/);
  assert.equal(printed.err, "error: a guard holds PL-1\n  See: tenure show PL-1\n");
});
