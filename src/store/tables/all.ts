import type { Access } from "../access/access.ts";
import type { Tables } from "../port.ts";
import { auditTable } from "./audit.ts";
import { connectionTable } from "./connections.ts";
import { findingTable } from "./findings.ts";
import { importTable } from "./imports.ts";
import { journalTable } from "./journal.ts";
import { leaseTable } from "./leases.ts";
import { linkTable } from "./links.ts";
import { outboxTable } from "./outbox.ts";
import { peopleTable } from "./people.ts";
import { planTable } from "./plans.ts";
import { runTable } from "./runs.ts";
import { snapshotTable } from "./snapshots.ts";
import { walkTable } from "./walks.ts";

export function allTables(access: Access): Tables {
  return {
    people: peopleTable(access),
    imports: importTable(access),
    walks: walkTable(access),
    snapshots: snapshotTable(access),
    links: linkTable(access),
    findings: findingTable(access),
    plans: planTable(access),
    runs: runTable(access),
    journal: journalTable(access),
    leases: leaseTable(access),
    connections: connectionTable(access),
    audit: auditTable(access),
    outbox: outboxTable(access),
  };
}
