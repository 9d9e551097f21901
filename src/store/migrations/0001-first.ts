import type { ColumnTypes, Migration } from "./migration.ts";

/** The tables of the first release. */
export const first: Migration = {
  number: 1,
  name: "first",
  statements: (types) => [...whatIs(types), ...whatIsDone(types), ...engine(types)],
};

/** People, apps and how they belong together. */
function whatIs({ text, integer, identity, strict }: ColumnTypes): readonly string[] {
  return [
    `create table people (id ${text} primary key, source ${text} not null, key ${text} not null,
      email_key ${text} not null, fingerprint ${text} not null, v ${integer} not null, body ${text} not null)${strict}`,
    `create unique index people_source_key on people (source, key)`,
    `create index people_email_key on people (email_key)`,

    `create table imports (position ${identity}, id ${text} not null unique, source ${text} not null,
      v ${integer} not null, body ${text} not null)${strict}`,
    `create index imports_source on imports (source, position)`,

    `create table staged_pages (walk ${text} not null, kind ${text} not null, parent ${text} not null,
      page ${integer} not null, v ${integer} not null, body ${text} not null,
      primary key (walk, kind, parent, page))${strict}`,

    `create table snapshots (position ${identity}, id ${text} not null unique, connection ${text} not null,
      v ${integer} not null, body ${text} not null)${strict}`,
    `create index snapshots_connection on snapshots (connection, position)`,

    `create table observations (connection ${text} not null, kind ${text} not null, parent ${text} not null,
      id ${text} not null, fingerprint ${text} not null, since ${text} not null, gone_in ${text}, unseen_in ${text},
      v ${integer} not null, body ${text} not null, primary key (connection, kind, parent, id))${strict}`,
    `create index observations_gone on observations (connection, gone_in) where gone_in is not null`,

    `create table links (id ${text} primary key, person ${text} not null, connection ${text} not null,
      kind ${text} not null, account ${text} not null, state ${text} not null,
      v ${integer} not null, body ${text} not null)${strict}`,
    `create unique index links_confirmed on links (connection, kind, account) where state = 'confirmed'`,
    `create index links_account on links (connection, kind, account)`,
    `create index links_person on links (person)`,

    `create table findings (id ${text} primary key, connection ${text} not null, first_seen_at ${text} not null,
      closed_at ${text}, last_seen_at ${text}, fingerprint ${text} not null,
      v ${integer} not null, body ${text} not null)${strict}`,
    `create index findings_open on findings (connection) where closed_at is null`,
    `create table finding_checks (connection ${text} primary key, at ${text} not null)${strict}`,
  ];
}

/** Plans, runs and their records. */
function whatIsDone({ text, integer, identity, strict }: ColumnTypes): readonly string[] {
  return [
    `create table plans (id ${text} primary key, number ${integer} not null unique, hash ${text} not null,
      v ${integer} not null, body ${text} not null)${strict}`,
    `create table runs (id ${text} primary key, number ${integer} not null unique, plan ${text} not null,
      status ${text} not null, ended_at ${text}, v ${integer} not null, body ${text} not null)${strict}`,
    `create index runs_plan on runs (plan)`,
    `create table journal (run ${text} not null, step ${text} not null, state ${text} not null,
      updated_at ${text} not null, v ${integer} not null, body ${text} not null, primary key (run, step))${strict}`,
    `create index journal_state on journal (state, updated_at)`,
    `create index journal_updated on journal (updated_at)`,
    `create table leases (key ${text} primary key, holder ${text}, epoch ${integer} not null,
      expires_at ${integer} not null)${strict}`,

    `create table connections (connection ${text} primary key, v ${integer} not null, body ${text} not null)${strict}`,
    `create table audit (sequence ${integer} primary key, at ${text} not null, actor ${text} not null,
      action ${text} not null, object ${text} not null, outcome ${text} not null, details ${text} not null,
      previous ${text} not null, hash ${text} not null)${strict}`,
    `create index audit_object on audit (object, sequence)`,
    `create table outbox (position ${identity}, id ${text} not null unique, topic ${text} not null, at ${text} not null,
      payload ${text} not null, done ${integer} not null)${strict}`,
    `create index outbox_pending on outbox (topic, position) where done = 0`,
    `create table counters (name ${text} primary key, value ${integer} not null)${strict}`,

    `create table budgets (key ${text} primary key, v ${integer} not null, body ${text} not null)${strict}`,
  ];
}

/** Runs and steps of the durable engine. */
function engine({ text, integer, identity, strict }: ColumnTypes): readonly string[] {
  return [
    `create table engine_runs (id ${text} primary key, workflow ${text} not null, status ${text} not null,
      input ${text} not null, output ${text}, error ${text}, attempts ${integer} not null, worker ${text},
      lease_until ${integer} not null, due_at ${integer}, created_at ${integer} not null, started_at ${integer},
      ended_at ${integer})${strict}`,
    `create index engine_runs_due on engine_runs (due_at) where due_at is not null`,
    `create table engine_steps (position ${identity}, id ${text} not null unique, run ${text} not null,
      name ${text} not null, kind ${text} not null, status ${text} not null, due_at ${integer}, signal ${text},
      delivered ${text}, output ${text}, error ${text}, started_at ${integer} not null, ended_at ${integer})${strict}`,
    `create index engine_steps_run on engine_steps (run, position)`,
    `create index engine_steps_signal on engine_steps (signal) where signal is not null and status = 'running'`,
  ];
}
