import { DIRECTORY_HEADERS } from "./columns/headers.data.ts";
import type { FileInput, PeopleReading, ReadOptions } from "./reading.ts";
import { readPeople } from "./rows/read-people.ts";
import { DIRECTORY_STATUSES } from "./rows/status.data.ts";

/**
 * Reads the people of a directory (an identity provider without a connector) from its export: a users list as Okta,
 * Entra ID, Google Workspace or OneLogin write it, or SCIM users as a JSON array. The sign-in name stands for the address
 * where there is no address. Of its words, `leave` means suspended (reversible) and `terminated` deprovisioned. Errors
 * and limits as `readRoster`.
 */
export async function readDirectory(input: FileInput, options: ReadOptions): Promise<PeopleReading> {
  const profile = { headers: DIRECTORY_HEADERS, statuses: DIRECTORY_STATUSES, unclearStatuses: false };
  return readPeople(input, profile, options);
}
