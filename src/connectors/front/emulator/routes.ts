import { json } from "../../../emulator-kit/contract.ts";
import { notFound } from "./answers.ts";
import type { FrontRoute } from "./entities.ts";
import { companyOf, linkBase } from "./render.ts";
import { SCIM_ROUTES } from "./scim.ts";
import { TEAM_ROUTES } from "./teams.ts";
import { TEAMMATE_ROUTES } from "./teammates.ts";

/** FRONT-D15: which company a token belongs to. Any token may ask; the guide does not have it. */
const ME: FrontRoute = {
  method: "GET",
  path: "/me",
  handle(call) {
    if (call.options.profile === "guide" && call.options.strict) return notFound("Resource");
    const { id, name } = companyOf(call.account);
    return json(200, { _links: { self: `${linkBase(call)}/me` }, id, name });
  },
};

/** FRONT-02: everything lies directly under the base URL, without a version in front. */
export const ROUTES: readonly FrontRoute[] = [...TEAMMATE_ROUTES, ...TEAM_ROUTES, ME, ...SCIM_ROUTES];
