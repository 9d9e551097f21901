import { z } from "zod";
import { isJsonObject, toJson, type JsonObject } from "../kernel/json.ts";
import * as own from "./documents/own.ts";
import * as plans from "./documents/plans.ts";
import * as results from "./documents/results.ts";

/**
 * Every document that the command line prints with `-o json`, by its `schema`, and the events of `-o ndjson`. Published
 * as JSON Schema in docs/schemas: fields are added within v1, never changed.
 */
export const DOCUMENTS: Readonly<Record<string, z.ZodType>> = {
  "tenure.roster/v1": results.roster,
  "tenure.sync/v1": results.sync,
  "tenure.people/v1": results.people,
  "tenure.person/v1": results.personView,
  "tenure.explain/v1": results.explain,
  "tenure.matches/v1": results.matches,
  "tenure.match/v1": results.match,
  "tenure.findings/v1": results.findings,
  "tenure.plan/v1": plans.planContent,
  "tenure.plan-view/v1": plans.planView,
  "tenure.run/v1": plans.runView,
  "tenure.runs/v1": plans.runs,
  "tenure.apps/v1": results.apps,
  "tenure.app/v1": results.app,
  "tenure.apps-test/v1": results.appsTest,
  "tenure.limits/v1": results.limits,
  "tenure.status/v1": results.status,
  "tenure.caveats/v1": own.caveats,
  "tenure.app-added/v1": own.appAdded,
  "tenure.written/v1": own.written,
  "tenure.config-check/v1": own.configCheck,
  "tenure.config-explain/v1": own.configExplain,
  "tenure.doctor/v1": own.doctor,
  "tenure.up/v1": own.up,
  "tenure.sandbox/v1": own.sandbox,
  "tenure.sandbox-faults/v1": own.sandboxFaults,
  "tenure.sandbox-clock/v1": own.sandboxClock,
  "tenure.sandbox-requests/v1": own.sandboxRequests,
  "tenure.sandbox-reset/v1": own.sandboxReset,
  "tenure.sandbox-stopped/v1": own.sandboxStopped,
  "tenure.error/v1": own.error,
  "tenure.event/v1": own.event,
};

/** File name of a document's schema in docs/schemas: `tenure.plan-view.v1.json`. */
function schemaFile(schema: string): string {
  return `${schema.replace("/", ".")}.json`;
}

/** The JSON Schemas as they are published, by file name. Documents may have more fields than their schema names. */
export function publishedSchemas(): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    Object.entries(DOCUMENTS).map(([name, schema]) => {
      const made = toJson(z.toJSONSchema(schema, { io: "input" }));
      return [schemaFile(name), { title: name, ...(isJsonObject(made) ? made : {}) }];
    }),
  );
}
