// A process of its own that reads an app, on the time that its parent tells it; `bench/reading-child.ts` is the other end.
import { openReader, type AccountReader, type ReaderOptions } from "./account-reader.ts";

/** What the parent asks for; each is answered once, by its number. */
export type Order =
  | { readonly serial: number; readonly say: "open"; readonly options: ReaderOptions }
  | { readonly serial: number; readonly say: "read" | "rest" | "wake" | "close" }
  | { readonly serial: number; readonly say: "moveTo"; readonly nowMs: number };

async function carryOut(order: Order): Promise<unknown> {
  if (order.say === "open") {
    state.reader = await openReader(order.options);
    return null;
  }
  const { reader } = state;
  if (reader === null) throw new Error("no reader is open");
  switch (order.say) {
    case "read":
      return reader.read();
    case "rest":
      return reader.part.rest();
    case "wake":
      return reader.part.wake();
    case "moveTo":
      return reader.part.moveTo(order.nowMs);
    case "close":
      state.reader = null;
      return reader.close();
  }
}

const state: { reader: AccountReader | null } = { reader: null };

process.on("message", (order: Order) => {
  carryOut(order).then(
    (value) => process.send?.({ serial: order.serial, value: value ?? null }),
    (error: unknown) =>
      process.send?.({ serial: order.serial, error: error instanceof Error ? error.stack : "failed" }),
  );
});

// Whatever the parent came to, nothing is left behind.
process.once("disconnect", () => process.exit());
