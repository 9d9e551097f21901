import { example } from "./example.ts";
import { emulatorSuite } from "./suite.ts";
import { smallCompany } from "./suite/company.ts";

emulatorSuite({
  module: example,
  credentials: { main: "key-1", sameAccount: "key-2", otherAccount: "key-other" },
  authorize: (credential) => ({ Authorization: `Bearer ${credential}` }),
  data: (rows) => ({ members: Array.from({ length: rows }, () => ({})) }),
  listing: {
    collection: "members",
    first: (size) => `/members?size=${size}`,
    next: (_path, body) => (typeof body["next"] === "string" ? body["next"] : null),
  },
  create: (n) => ({ path: "/members", body: { email: `new${n}@example.com`, name: `New ${n}` } }),
  byId: (id) => `/members/${id}`,
  company: smallCompany(),
});
