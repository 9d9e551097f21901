import assert from "node:assert/strict";
import { toJson, type JsonObject, type JsonValue } from "../../src/kernel/json.ts";
import type { JournalEntry as AppEntry } from "../../src/emulator-kit/running.ts";
import type { Person } from "../../src/model/person.ts";
import type { PlanContent, Step } from "../../src/model/plan.ts";
import type { Gift, Rule } from "../../src/model/policy.ts";
import type { AppId, World, WorldOptions } from "../world.ts";
import { personOf } from "../world/steps.ts";

const DOMAIN = "harborpine.example";
const mail = (name: string): string => `${name}@${DOMAIN}`;

function gift(role: string | null, teams: readonly string[]): Gift {
  return { role, teams, attributes: {} };
}

/** Sales works in both apps: an agent in the team of the office, a teammate in two inbox teams. */
const RULES: readonly Rule[] = [
  {
    name: "sales",
    place: "test",
    when: { department: "Sales" },
    give: { followupboss: gift("Agent", ["{office}"]), front: gift("Teammate", ["Sales", "{office}"]) },
  },
];

const sales = { department: "Sales", office: "East" };

/** Maya leaves with her leads to Kim, Noor starts, Lee moves and marries. */
export const PEOPLE: readonly Person[] = [
  personOf(mail("kim.ito"), { ...sales, title: "Sales Manager", row: 2 }),
  personOf(mail("maya.okafor"), {
    ...sales,
    manager: mail("kim.ito"),
    status: "terminated",
    lastDay: null,
    accessEndsAt: "2026-11-20T20:00:00.000Z",
    row: 3,
  }),
  personOf(mail("noor.haddad"), { ...sales, manager: mail("kim.ito"), row: 4 }),
  personOf(mail("lee.chen"), {
    ...sales,
    office: "West",
    familyName: "Chen-Ito",
    displayName: "Lee Chen-Ito",
    phone: "+1 510 555 0177",
    manager: mail("kim.ito"),
    row: 5,
  }),
];

function user(id: number, name: string, change: JsonObject = {}): JsonObject {
  const [given = "", family = ""] = name.split(".");
  return {
    id,
    name: `${given} ${family}`,
    email: mail(name),
    role: "Agent",
    teamId: 1,
    created: "2024-01-02T00:00:00Z",
    ...change,
  };
}

function teammate(id: number, name: string, change: JsonObject = {}): JsonObject {
  const [first_name = "", last_name = ""] = name.split(".");
  return { id: `tea_${id}`, email: mail(name), first_name, last_name, ...change };
}

/** `leads`: how many Maya has. */
export function scenario(leads: number): WorldOptions {
  return {
    data: {
      followupboss: {
        users: [
          user(1, "olga.owner", { role: "Admin", isAdmin: true, teamId: null }),
          user(2, "kim.ito"),
          user(3, "maya.okafor"),
          user(4, "lee.chen"),
        ],
        teams: [
          { id: 1, name: "East" },
          { id: 2, name: "West" },
        ],
        people: Array.from({ length: leads }, (_, index) => ({ id: 101 + index, name: `Lead ${index}`, ownerId: 3 })),
      },
      front: {
        teammates: [
          teammate(1, "olga.owner", { is_admin: true }),
          teammate(2, "kim.ito"),
          teammate(3, "maya.okafor"),
          teammate(4, "lee.chen"),
        ],
        teams: [
          { id: "tim_1", name: "Sales", teammate_ids: ["tea_2", "tea_3", "tea_4"] },
          { id: "tim_2", name: "East", teammate_ids: ["tea_2", "tea_3", "tea_4"] },
          { id: "tim_3", name: "West", teammate_ids: [] },
        ],
      },
    },
    policy: { rules: RULES },
    connections: {
      followupboss: {
        protected: [mail("olga.owner")],
        leaver: { handOver: { lead: "manager" }, final: "delete", graceDays: 0 },
      },
      front: { protected: [mail("olga.owner")] },
    },
  };
}

/** Takes the people for imported, reads both apps and gives the plan that the planner makes. */
export async function planFor(world: World): Promise<PlanContent> {
  await takePeople(world);
  const read = await world.call("sync", { apps: null });
  assert.deepEqual(read.failed, []);
  const { plan } = await world.call("plan", { from: "hr", person: null, app: null, answers: {}, refresh: false });
  return plan.content;
}

/** As after an import of the roster. */
export async function takePeople(world: World): Promise<void> {
  await world.addPeople(PEOPLE);
  if ((await world.drive(world.store.imports.all())).length > 0) return;
  await world.drive(
    world.store.imports.add({
      id: "imp_1",
      source: "hr",
      file: "people.csv",
      sha256: "",
      importedAt: PEOPLE[0]?.accessEndsAt ?? "2026-11-20T20:00:00.000Z",
      actor: "ops",
      rows: PEOPLE.length,
      counts: { all: PEOPLE.length },
      previous: null,
      added: PEOPLE.length,
      changed: 0,
      vanished: 0,
    }),
  );
}

/** Steps that would be planned now, from a fresh read of both apps. */
export async function stepsLeft(world: World): Promise<readonly Step[]> {
  return (await planFor(world)).steps;
}

/** What both apps hold, without times: two ends of the same plan are the same. */
export function holdings(world: World): JsonValue {
  const strip = (row: JsonObject): JsonObject => {
    const { created: _created, updated: _updated, ...rest } = row;
    return rest;
  };
  const of = (app: AppId): JsonValue =>
    toJson(
      Object.fromEntries(
        Object.entries(world.emulator(app).state().collections).map(([name, rows]) => [name, rows.map(strip)]),
      ),
    );
  return toJson({
    followupboss: of("followupboss"),
    front: of("front"),
    mails: world.emulator("front").outbox().length,
  });
}

/** Effects that must never come twice: requests that made, deleted or invited, by what they were about. */
export function repeatedEffects(world: World): readonly string[] {
  const seen = new Map<string, number>();
  for (const app of ["followupboss", "front"] as const) {
    for (const entry of world.effects(app)) {
      const key = `${entry.method} ${entry.path} ${JSON.stringify(entry.body)}`;
      if (entry.method !== "PUT" && entry.method !== "PATCH") seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    for (const mail of world.emulator(app).outbox())
      seen.set(`mail ${mail.to}`, (seen.get(`mail ${mail.to}`) ?? 0) + 1);
  }
  return [...seen].filter(([, count]) => count > 1).map(([key, count]) => `${key}: ${count} times`);
}

/** One request that changes something, as a fault rule names it. */
export interface Write {
  readonly app: AppId;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** The writes of a run, each once. */
export function writesOf(entries: readonly AppEntry[]): readonly Write[] {
  const writes = entries.map((entry): Write => ({
    app: entry.app === "front" ? "front" : "followupboss",
    method: entry.method,
    path: `^${entry.path}$`,
    body: entry.body === null ? "^$" : `^${escape(JSON.stringify(entry.body))}$`,
  }));
  return [...new Map(writes.map((write) => [JSON.stringify(write), write])).values()];
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
