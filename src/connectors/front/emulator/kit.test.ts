/** What every emulator must do, on this one. */
import { emulatorSuite } from "../../../emulator-kit/suite.ts";
import { smallCompany } from "../../../emulator-kit/suite/company.ts";
import { isJsonObject } from "../../../kernel/json.ts";
import { TOKENS } from "./access.ts";
import { emulator } from "./index.ts";
import { teammates } from "./suite.ts";

emulatorSuite({
  module: emulator,
  credentials: { main: TOKENS.company, sameAccount: TOKENS.company2, otherAccount: TOKENS.other },
  authorize: (token) => ({ Authorization: `Bearer ${token}` }),
  data: teammates,
  listing: {
    collection: "teammates",
    first: (size) => `/teammates?limit=${size}`,
    next(_path, body) {
      const pagination = body["_pagination"];
      const next = isJsonObject(pagination) ? pagination["next"] : null;
      return typeof next === "string" ? next.replace(/^https?:\/\/[^/]+/, "") : null;
    },
  },
  create: (n) => ({ path: "/teammates", body: { email: `new-${n}@example.com` } }),
  byId: (id) => `/teammates/${id}`,
  company: smallCompany(),
});
