import type { JsonObject } from "../../kernel/json.ts";
import { seededRandom } from "../../kernel/random.ts";
import type { EmulatorRequest, EmulatorResponse, Page } from "../contract.ts";
import { isObject } from "./answers.ts";
import { toAnswer, type Answer, type FaultAction, type FaultDefinition, type Scene } from "./scene.ts";

const isListing = (scene: Scene): boolean => scene.module.pages.listing(scene.request) !== null;
const isLaterPage = (scene: Scene): boolean => isListing(scene) && scene.module.pages.isLater(scene.request);

/** Changes parts of a page in the answer; anything that is no page stays as it is. */
function onPage(scene: Scene, change: (page: Page) => Partial<Page>): (answer: Answer) => Answer {
  return (answer) => {
    if (answer.status !== 200 || !isObject(answer.body)) return answer;
    const { pages } = scene.module;
    return { ...answer, body: pages.write(answer.body, change(pages.read(answer.body))) };
  };
}

function pageOf(scene: Scene, response: EmulatorResponse): Page {
  const nothing: Page = { rows: [], total: null, next: null };
  return response.status === 200 && isObject(response.body) ? scene.module.pages.read(response.body) : nothing;
}

/** The rows that this very request would show now. */
function rowsOf(scene: Scene, request: EmulatorRequest): readonly JsonObject[] {
  return pageOf(scene, scene.rehearse(request)).rows;
}

/** The id under which a listed row is stored, as text. */
export function rowId(row: JsonObject): string {
  const id = row["id"];
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}

/** A page pointer for vendors that have none at this place: the request itself. */
function selfLink(scene: Scene): string {
  const query = scene.request.query.toString();
  return `${scene.context.origin}${scene.request.path}${query === "" ? "" : `?${query}`}`;
}

function at<T>(items: readonly T[], index: number): T | undefined {
  return items.at(index < 0 ? index : Math.min(index, items.length - 1));
}

/** F40: another admin deletes or adds a row between two pages, before or behind the reader. */
const drift: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const op = parameters.oneOf("op", ["delete", "insert"]);
    const where = parameters.oneOf("where", ["before", "after"]);
    const index = parameters.number("index", 0);
    const data = parameters.object("data");
    const change = (scene: Scene): void => {
      const collection = scene.module.pages.listing(scene.request);
      if (collection === null) return;
      if (op === "insert") {
        insertRow(scene, collection, where, data);
        return;
      }
      const behind = rowsOf(scene, scene.request).map(rowId);
      const id = at(where === "before" ? scene.shown : behind, index);
      if (id !== undefined) scene.mutate("delete", collection, id, {});
    };
    return { applies: isLaterPage, plan: (scene) => ({ prepare: () => change(scene) }) };
  },
};

function insertRow(scene: Scene, collection: string, where: "before" | "after", data: JsonObject): void {
  if (where === "after") {
    scene.mutate("create", collection, null, data);
    return;
  }
  const spec = scene.module.records[collection];
  const table = scene.context.state[collection];
  if (spec === undefined || table === undefined) return;
  scene.meddle(() => {
    const record = spec.parse(data, { id: table.nextId(), now: scene.now, previous: null });
    scene.store.insertFirst(scene.account, collection, record);
  });
}

/** F41: a later page has the rows of the first one. */
const duplicate: FaultAction = {
  applies: isLaterPage,
  plan(scene) {
    const rows = rowsOf(scene, scene.module.pages.rewind(scene.request));
    return { rewrite: onPage(scene, () => ({ rows })) };
  },
};

/** F42: a later page is the first one again, with its pointer: a walk never ends. */
const cycle: FaultAction = {
  applies: isLaterPage,
  plan: (scene) => ({ request: scene.module.pages.rewind(scene.request) }),
};

const emptyWithNext: FaultAction = {
  applies: isListing,
  plan: (scene) => ({ rewrite: onPage(scene, (page) => ({ rows: [], next: page.next ?? selfLink(scene) })) }),
};

/** F44: a page has fewer rows than were asked for, and is not the last. */
const short: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const rows = parameters.number("rows", 1);
    return {
      applies: isListing,
      plan(scene) {
        const smaller = pageOf(scene, scene.rehearse(scene.module.pages.resize(scene.request, rows)));
        return { rewrite: onPage(scene, () => ({ rows: smaller.rows, next: smaller.next })) };
      },
    };
  },
};

const clamped: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const size = parameters.number("size", 30);
    return { applies: isListing, plan: (scene) => ({ request: scene.module.pages.resize(scene.request, size) }) };
  },
};

const wrongTotal: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const fixed = typeof parameters.json("total") === "number" ? parameters.number("total", 0) : null;
    const lie = fixed === null ? parameters.oneOf("total", ["low", "high", "changing", "absent"]) : "absent";
    const by = parameters.number("by", 1);
    return {
      applies: isListing,
      plan: (scene, turn) => ({
        rewrite: onPage(scene, ({ total, rows }) => {
          const truth = total ?? rows.length;
          const totals = { low: truth - by, high: truth + by, changing: truth + by * turn, absent: null };
          return { total: fixed ?? totals[lie] };
        }),
      }),
    };
  },
};

const foreignNext: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const to = parameters.oneOf("to", ["other-host", "http", "other-account"]);
    const url = parameters.textOrNull("url");
    const origins = { "other-host": "https://other.example", http: "http://other.example", "other-account": "" };
    return {
      applies: isListing,
      plan: (scene) => ({
        rewrite: onPage(scene, ({ next }) => {
          const own = next ?? selfLink(scene);
          const path = own.replace(/^https?:\/\/[^/]+/, "");
          const elsewhere = to === "other-account" ? `${scene.context.origin}/other${path}` : `${origins[to]}${path}`;
          return { next: url ?? elsewhere };
        }),
      }),
    };
  },
};

const expired: FaultDefinition = {
  phases: ["before"],
  build(parameters) {
    const status = parameters.number("status", 410);
    return {
      applies: isLaterPage,
      plan: (scene) => ({ instead: toAnswer(scene.module.problem(status, "the page token has expired")) }),
    };
  },
};

const unstable: FaultDefinition = {
  phases: ["during"],
  build(parameters) {
    const order = parameters.number("orderSeed", 1);
    return {
      applies: isListing,
      plan(scene, turn) {
        const collection = scene.module.pages.listing(scene.request);
        if (collection === null) return {};
        const random = seededRandom(order * 1_000_003 + turn);
        return { view: (work) => scene.store.shuffled(scene.account, collection, random, work) };
      },
    };
  },
};

/** F53: a removed record is still listed, while asking for it by id gives 404. */
const ghost: FaultAction = {
  plan(scene) {
    const collection = scene.module.pages.listing(scene.request);
    if (collection === null) return { instead: toAnswer(scene.module.problem(404, "not found")) };
    return { view: (work) => scene.store.withGhosts(scene.account, collection, work) };
  },
};

export const PAGE_FAULTS: Readonly<Record<string, FaultDefinition>> = {
  F40: drift,
  F41: { phases: ["after"], build: () => duplicate },
  F42: { phases: ["before"], build: () => cycle },
  F43: { phases: ["after"], build: () => emptyWithNext },
  F44: short,
  F45: clamped,
  F46: wrongTotal,
  F47: foreignNext,
  F48: expired,
  F49: unstable,
  F53: { phases: ["during"], build: () => ghost },
};
