import {
  prefixedIds,
  type AccountContext,
  type Call,
  type RecordSpec,
  type Route,
} from "../../../emulator-kit/contract.ts";
import type { CommonOptions, OptionValues } from "../../../emulator-kit/options.ts";
import { AppError } from "../../../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import type { FrontOptions } from "./options.ts";

/** FRONT-D11: all that a vendor's listing may call a teammate. Only `user` is a person. */
const TEAMMATE_TYPES = [
  "user",
  "visitor",
  "ai",
  "api",
  "application",
  "bulk_reply",
  "csat",
  "integration",
  "macro",
  "rule",
  "smart_csat",
] as const;
export type TeammateType = (typeof TEAMMATE_TYPES)[number];

/**
 * Where the invitation of a teammate stands. `none`: never invited by mail (created by SCIM, or there from the start).
 *
 * Decision on FRONT-62 (the document is silent): the API shows nothing of this. The object model has no field for it, and
 * `is_available` cannot be one, because a create may set it to either value; acceptance changes no field of the API
 * record. A client knows that somebody is invited only because it sent the invitation itself.
 */
const INVITATION_STATES = ["none", "pending", "accepted", "declined", "expired", "withdrawn"] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

export type CustomValues = Readonly<Record<string, string | number | boolean | null>>;

/** The object of FRONT-12 to FRONT-20, the two fields of the vendor's own schema, and what the API does not show. */
export interface Teammate {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly is_admin: boolean;
  readonly is_available: boolean;
  readonly is_blocked: boolean;
  readonly custom_fields: CustomValues;
  readonly license_type: string;
  readonly type: TeammateType;
  /** Not in the API. */
  readonly invitation: InvitationState;
  /** SCIM only. */
  readonly external_id: string | null;
}

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly is_private: boolean;
  /** Members in the order in which they joined. */
  readonly teammate_ids: readonly string[];
}

export interface CustomField {
  readonly id: string;
  readonly name: string;
  readonly type: "string" | "number" | "boolean" | "datetime" | "enum";
}

/** A registered webhook. Events go out once the address answered its challenge (application scheme). */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly challenge: string;
  readonly verified: boolean;
}

export type FrontShape = {
  readonly teammates: Teammate;
  readonly teams: Team;
  readonly customFields: CustomField;
  readonly webhooks: Webhook;
};

export type FrontValues = OptionValues<FrontOptions & CommonOptions>;
export type FrontContext = AccountContext<FrontShape, FrontOptions>;
export type FrontCall = Call<FrontShape, FrontOptions>;
export type FrontRoute = Route<FrontShape, FrontOptions>;

/** Reads members of data from outside; a wrong one throws `bad_input` that names it. */
class DataReader {
  readonly #kind: string;
  readonly #data: JsonObject;

  constructor(kind: string, data: JsonObject) {
    this.#kind = kind;
    this.#data = data;
  }

  text(name: string, missing: string | null): string {
    const value = this.#data[name] ?? missing;
    if (typeof value === "string" && (value !== "" || missing === "")) return value;
    throw this.#wrong(name, "must be a text");
  }

  textOrNull(name: string): string | null {
    const value = this.#data[name] ?? null;
    if (value === null || typeof value === "string") return value;
    throw this.#wrong(name, "must be a text or null");
  }

  flag(name: string, missing: boolean): boolean {
    const value = this.#data[name] ?? missing;
    if (typeof value === "boolean") return value;
    throw this.#wrong(name, "must be true or false");
  }

  word<W extends string>(name: string, words: readonly W[], missing: W): W {
    const value = this.#data[name] ?? missing;
    const word = words.find((one) => one === value);
    if (word !== undefined) return word;
    throw this.#wrong(name, `must be one of ${words.join(", ")}`);
  }

  texts(name: string): readonly string[] {
    const value = this.#data[name] ?? [];
    const texts = Array.isArray(value) ? (value as readonly JsonValue[]) : [null];
    return texts.map((text) => {
      if (typeof text === "string") return text;
      throw this.#wrong(name, "must be a list of texts");
    });
  }

  values(name: string): CustomValues {
    const value = this.#data[name] ?? {};
    if (!isJsonObject(value)) throw this.#wrong(name, "must be an object");
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        if (isScalar(member)) return [key, member];
        throw this.#wrong(`${name}.${key}`, "must be a text, a number, true, false or null");
      }),
    );
  }

  #wrong(name: string, says: string): AppError {
    return new AppError("bad_input", `front ${this.#kind}: ${name} ${says}`);
  }
}

export function isScalar(value: JsonValue | undefined): value is string | number | boolean | null {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The handle for @mentions that the vendor makes from an address when nobody chose one. */
export function handleFor(email: string): string {
  const handle = email
    .split("@", 1)[0]
    ?.toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_");
  return handle === undefined || handle === "" ? "teammate" : handle;
}

function parseTeammate(data: JsonObject, id: string): Teammate {
  const read = new DataReader("teammate", data);
  // A control request may leave everything out: some teammate, whichever.
  const email = read.text("email", `${id.replace("_", "-")}@sandbox.example`);
  return {
    id,
    email,
    username: read.text("username", handleFor(email)),
    first_name: read.text("first_name", ""),
    last_name: read.text("last_name", ""),
    is_admin: read.flag("is_admin", false),
    is_available: read.flag("is_available", true),
    is_blocked: read.flag("is_blocked", false),
    custom_fields: read.values("custom_fields"),
    license_type: read.text("license_type", "full"),
    type: read.word("type", TEAMMATE_TYPES, "user"),
    invitation: read.word("invitation", INVITATION_STATES, "none"),
    external_id: read.textOrNull("external_id"),
  };
}

export const RECORDS: { readonly [K in keyof FrontShape]: RecordSpec<FrontShape[K]> } = {
  teammates: { kind: "teammate", ids: prefixedIds("tea_"), parse: (data, { id }) => parseTeammate(data, id) },
  teams: {
    kind: "team",
    ids: prefixedIds("tim_"),
    parse(data, { id }) {
      const read = new DataReader("team", data);
      return {
        id,
        name: read.text("name", null),
        is_private: read.flag("is_private", false),
        teammate_ids: [...new Set(read.texts("teammate_ids"))],
      };
    },
  },
  customFields: {
    kind: "customField",
    ids: prefixedIds("fld_"),
    parse(data, { id }) {
      const read = new DataReader("customField", data);
      return {
        id,
        name: read.text("name", null),
        type: read.word("type", ["string", "number", "boolean", "datetime", "enum"], "string"),
      };
    },
  },
  webhooks: {
    kind: "webhook",
    ids: prefixedIds("whk_"),
    parse(data, { id }) {
      const read = new DataReader("webhook", data);
      return {
        id,
        url: read.text("url", null),
        events: read.texts("events"),
        challenge: read.text("challenge", ""),
        verified: read.flag("verified", false),
      };
    },
  },
};
