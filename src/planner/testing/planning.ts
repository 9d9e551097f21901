import { present } from "../../kernel/assert.ts";
import { findDrift } from "../../graph/drift.ts";
import { resolveGraph } from "../../graph/resolve.ts";
import type { HeldBack, PlanContent, Step } from "../../model/plan.ts";
import { holdingsToCount } from "../holdings.ts";
import { makePlan } from "../plan.ts";
import type { HoldingCount, PlanRequest } from "../request.ts";
import { graphInput, policyOf, type Company } from "./company.ts";

/** Plans a company as the product does: the graph from what was read, the findings, the leavers' holdings counted. */
export function planRequest(company: Company, fields: Partial<PlanRequest> = {}): PlanRequest {
  const policy = policyOf(company);
  const graph = resolveGraph(graphInput(company));
  const request: Omit<PlanRequest, "holdings"> = {
    graph,
    findings: findDrift({ graph, policy, now: company.now, removedByUs: new Set() }).findings,
    policy,
    off: {},
    imports: [{ id: "imp_1", source: "hr", importedAt: "2026-11-20T11:00:00.000Z", counts: {}, previous: null }],
    recentRemovals: [],
    selection: { kind: "hr", connections: null },
    answers: {},
    now: company.now,
    actor: "ada",
    ...fields,
  };
  return { ...request, holdings: fields.holdings ?? countHoldings(company, request) };
}

function countHoldings(company: Company, request: Omit<PlanRequest, "holdings">): readonly HoldingCount[] {
  return holdingsToCount(request).map(({ account, holding }) => {
    const app = company.apps.find((one) => one.name === account.connection);
    const held = (app?.holdings ?? []).filter((one) => one.owner === account.id && one.kind === holding);
    const sample = held.map((one) => one.label).sort();
    return { account, holding, count: held.length, sample: sample.slice(0, 3), complete: true };
  });
}

export function planCompany(company: Company, fields: Partial<PlanRequest> = {}): PlanContent {
  return makePlan(planRequest(company, fields));
}

/** "1 crm Suspend user 7", one line a step, for tests that read like the product's own output. */
export function lines(content: Pick<PlanContent, "steps">): readonly string[] {
  return content.steps.map((step) => `${step.number} ${step.app} ${step.title}`);
}

export function held(content: Pick<PlanContent, "heldBack">, label: string): readonly HeldBack[] {
  return content.heldBack.filter((item) => item.label === label);
}

export function stepOf(content: Pick<PlanContent, "steps">, number: number): Step {
  return present(content.steps[number - 1], `step ${number}`);
}
