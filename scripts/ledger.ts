import { OPEN_SIDES } from "../test/ledger.data.ts";
import { readLedger, SIDE_NAMES } from "../test/ledger.ts";

/** Prints, per app and side, which facts of the vendor's document have a test, and which are open. */
let missing = 0;
for (const row of await readLedger()) {
  const total = row.covered.length + row.open.length;
  if (total === 0) continue;
  const allowed = (OPEN_SIDES[row.app] ?? []).includes(row.side);
  if (!allowed) missing += row.open.length;
  const state = row.open.length === 0 ? "covered" : `open: ${row.open.join(" ")}`;
  const note = row.open.length > 0 && allowed ? " (not built yet)" : "";
  process.stdout.write(
    `${row.app.padEnd(14)} ${row.side} ${SIDE_NAMES[row.side].padEnd(13)} ${String(row.covered.length).padStart(3)}/${String(total).padEnd(3)} ${state}${note}\n`,
  );
}
process.exitCode = missing === 0 ? 0 : 1;
