import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";

interface Word {
  /** Words typed before it: "", "apps", "apps add". */
  readonly after: string;
  readonly words: readonly string[];
}

/** What can follow each command of the tree: its sub-commands and its options. */
function wordsOf(command: Command, path: readonly string[], shared: readonly string[]): readonly Word[] {
  const subs = command.commands.map((one) => one.name());
  const options = command.options.map((one) => one.long ?? one.short ?? "").filter((one) => one !== "");
  const here: Word = { after: path.join(" "), words: [...subs, ...options, ...shared] };
  return [here, ...command.commands.flatMap((one) => wordsOf(one, [...path, one.name()], shared))];
}

/** A script that knows the commands and options of this build; `usage` for another shell. */
export function completionScript(program: Command, shell: string): string {
  const shared = program.options.map((one) => one.long ?? "").filter((one) => one !== "");
  const words = wordsOf(program, [], []).map((one) => ({ ...one, words: [...new Set([...one.words, ...shared])] }));
  switch (shell) {
    case "bash":
      return bash(words);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case "fish":
      return fish(words);
    default:
      throw new AppError("usage", `there is no completion for ${shell}: give bash, zsh or fish`);
  }
}

function bash(words: readonly Word[]): string {
  const cases = words.map((one) => `    "${one.after}") words="${one.words.join(" ")}" ;;`).join("\n");
  return `_tenure() {
  local path="" word words="" current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases}
    esac
    if [ -n "$words" ] || [ -z "$path" ]; then break; fi
    case "$path" in *" "*) path="\${path% *}" ;; *) path="" ;; esac
  done
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _tenure tenure
`;
}

function fish(words: readonly Word[]): string {
  const lines = words.flatMap((one) => {
    const condition =
      one.after === ""
        ? "__fish_use_subcommand"
        : one.after
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    return one.words.map((word) =>
      word.startsWith("--")
        ? `complete -c tenure -n '${condition}' -l ${word.slice(2)}`
        : `complete -c tenure -f -n '${condition}' -a ${word}`,
    );
  });
  return `${lines.join("\n")}\n`;
}
