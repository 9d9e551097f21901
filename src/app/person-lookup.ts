import { canonicalEmail } from "../kernel/email.ts";
import { AppError } from "../kernel/errors.ts";
import type { Person } from "../model/person.ts";
import type { UseCaseContext } from "./context.ts";

/** The person of that id, key, address, or of whose name this is a part that only one person has. */
export async function findPerson(context: UseCaseContext, reference: string): Promise<Person> {
  const wanted = reference.trim();
  const people = await context.store.people.all();
  const email = canonicalEmail(wanted);
  const exact = people.filter(
    (person) => person.id === wanted || person.key === wanted || (email !== null && person.emailKey === email),
  );
  const [only] = exact;
  if (only !== undefined && exact.length === 1) return only;
  const folded = wanted.toLowerCase();
  const partly =
    exact.length > 1 ? exact : people.filter((person) => person.displayName.toLowerCase().includes(folded));
  const [first] = partly;
  if (first !== undefined && partly.length === 1) return first;
  if (partly.length === 0) {
    const next = people.length === 0 ? "Import a roster first: tenure roster import" : "See: tenure people list";
    throw new AppError("missing", `nobody is known as ${wanted}. ${next}`);
  }
  const names = partly.slice(0, 5).map((person) => `${person.displayName} <${person.email}>`);
  throw new AppError("usage", `${wanted} could be ${names.join(", ")}: give the address or the key`);
}
