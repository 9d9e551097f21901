import { confirm, isCancel, select, text } from "@clack/prompts";

/** False when the answer is no, or none. */
export async function askYes(message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}

/** Null when the question was left. An answer that `fits` does not take is asked for again. */
export async function askText(
  message: string,
  fits: (text: string) => boolean,
  placeholder?: string,
): Promise<string | null> {
  const answer = await text({
    message,
    output: process.stderr,
    ...(placeholder === undefined ? {} : { placeholder, defaultValue: placeholder }),
    validate: (value) =>
      fits(value ?? "") || ((value ?? "") === "" && placeholder !== undefined) ? undefined : "That is not it.",
  });
  return isCancel(answer) ? null : answer;
}

/** Null when the question was left. */
export async function askChoice(
  message: string,
  choices: readonly { readonly value: string; readonly label: string }[],
): Promise<string | null> {
  const answer = await select({ message, output: process.stderr, options: choices.map((one) => ({ ...one })) });
  return isCancel(answer) ? null : answer;
}
