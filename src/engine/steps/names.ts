/** Names of one pass through a workflow: a name that comes again gets a number, the same one at each replay. */
export function stepNames(): (name: string) => string {
  const used = new Set<string>();
  return (name) => {
    let unique = name;
    for (let index = 1; used.has(unique); index += 1) unique = `${name}:${index}`;
    used.add(unique);
    return unique;
  };
}
