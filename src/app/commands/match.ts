import { toIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import { deriveId } from "../../kernel/ids.ts";
import type { AccountRef } from "../../model/account.ts";
import type { Link, LinkState } from "../../model/link.ts";
import { connectionNamed, type UseCaseContext } from "../context.ts";
import type { MatchDecided, MatchDecision } from "../contract.ts";
import { findPerson } from "../person-lookup.ts";

/** A human's word on who an account belongs to. It sticks: what was rejected is never proposed again. */
export async function decideMatch(context: UseCaseContext, input: MatchDecision): Promise<MatchDecided> {
  if (input.decision === "accept" && input.account !== null) return linkByHand(context, input.id, input.account);
  const link = await linkNamed(context, input);
  const state: LinkState = input.decision === "accept" ? "confirmed" : "rejected";
  if (input.decision === "split" && link.state !== "confirmed") {
    throw new AppError("usage", `${link.id} is no link but a ${link.state} pair: use match reject`);
  }
  await record(context, { ...link, state });
  const person = await context.store.people.get(link.person);
  const who = person?.displayName ?? link.person;
  const words = { accept: "belongs to", reject: "does not belong to", split: "no longer belongs to" }[input.decision];
  return {
    schema: "tenure.match/v1",
    link: link.id,
    decision: input.decision,
    text: `${describe(link.account)} ${words} ${who}`,
  };
}

async function linkNamed(context: UseCaseContext, input: MatchDecision): Promise<Link> {
  const byId = await context.store.links.get(input.id);
  if (byId !== null) return byId;
  if (input.account !== null || input.id.includes("/")) {
    const ref = parseAccount(context, input.account ?? input.id);
    const confirmed = await context.store.links.confirmed(ref);
    if (confirmed !== null) return confirmed;
  }
  throw new AppError("missing", `there is no match ${input.id}. See: tenure match list`);
}

function parseAccount(context: UseCaseContext, text: string): AccountRef {
  const [connection, kind, ...rest] = text.split("/");
  const id = rest.join("/");
  if (connection === undefined || kind === undefined || id === "") {
    throw new AppError("usage", `an account is written <app>/<kind>/<id>, not ${text}`);
  }
  connectionNamed(context, connection);
  return { connection, kind, id };
}

function describe(account: AccountRef): string {
  return `${account.connection}/${account.kind}/${account.id}`;
}

async function linkByHand(context: UseCaseContext, personReference: string, text: string): Promise<MatchDecided> {
  const person = await findPerson(context, personReference);
  const account = parseAccount(context, text);
  const rows = await context.store.snapshots.current(account.connection, account.kind);
  if (!rows.some((row) => row.observation.id === account.id)) {
    throw new AppError(
      "missing",
      `${text} is not among the accounts read last. Read again: tenure sync ${account.connection}`,
    );
  }
  const other = await context.store.links.confirmed(account);
  if (other !== null && other.person !== person.id) {
    throw new AppError("conflict", `${text} is linked to someone else already. First: tenure match split ${text}`);
  }
  const link: Link = {
    id: deriveId("lnk", person.id, account.connection, account.kind, account.id),
    person: person.id,
    account,
    state: "confirmed",
    evidence: { method: "human", score: 1, reasons: [`${context.options.actor} said so`] },
    decidedBy: context.options.actor,
    decidedAt: toIso(context.clock.now()),
  };
  await record(context, link);
  return {
    schema: "tenure.match/v1",
    link: link.id,
    decision: "accept",
    text: `${text} belongs to ${person.displayName}`,
  };
}

async function record(context: UseCaseContext, link: Link): Promise<void> {
  const at = toIso(context.clock.now());
  await context.store.transaction(async (tables) => {
    if (link.state === "confirmed") {
      const other = await tables.links.confirmed(link.account);
      if (other !== null && other.person !== link.person) {
        throw new AppError(
          "conflict",
          `${describe(link.account)} is linked to someone else: tenure match split ${describe(link.account)}`,
        );
      }
    }
    await tables.links.put({ ...link, decidedBy: context.options.actor, decidedAt: at });
    await tables.audit.append(
      {
        actor: context.options.actor,
        action: "match.decide",
        object: link.id,
        outcome: link.state,
        details: { person: link.person, account: describe(link.account) },
      },
      at,
    );
  });
}
