import { emulatorSuite } from "./suite.ts";
import { EXAMPLE } from "./suite/example.ts";

emulatorSuite(EXAMPLE);
