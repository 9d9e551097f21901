import type { Caveat } from "../../connector-kit/manifest.ts";
import { CAVEATS_OF_THE_GUIDE } from "./caveats.data.ts";

/** The ledger of this app: each id stands in the title of a test on every side that it names. */
export const caveats: Readonly<Record<string, Caveat>> = CAVEATS_OF_THE_GUIDE;
