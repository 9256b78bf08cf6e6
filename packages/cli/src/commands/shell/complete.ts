import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
import { isUnsafe } from "@tfsaver/checkpoint-tools/printing";
import type { Command } from "commander";
import type { Context } from "../../context.js";

/** Maximum number of names of tensors that are proposed. */
const MAX_NAMES = 10_000;

/** Options whose value is a name of a tensor, or a pattern. */
const NAME_OPTIONS = new Set(["--match", "--keep", "--drop"]);
/** Arguments that are names of tensors. */
const NAME_ARGUMENTS = new Set(["name", "names"]);

/**
 * `tfckpt complete`, for shells: prints the words that may stand in the place of the last one, a line for each. Nothing where a
 * file is meant.
 */
export async function complete(words: readonly string[], program: Command, context: Context): Promise<void> {
  for (const word of await candidates(words, program, context)) {
    if (word.startsWith(words.at(-1) ?? "") && !isUnsafe(word)) await context.stdout.line(word);
  }
}

async function candidates(words: readonly string[], program: Command, context: Context): Promise<readonly string[]> {
  const [name = "", ...rest] = words;
  if (words.length <= 1 || name === "help") return shown(program).map((command) => command.name());
  const command = shown(program).find((one) => one.name() === name);
  if (command === undefined) return [];
  const typed = rest.slice(0, -1);
  const option = optionNamed(command, typed.at(-1) ?? "");
  if (option?.required) {
    const choices = option.argChoices ?? [];
    return NAME_OPTIONS.has(option.long ?? "") ? namesIn(argumentsOf(command, typed), context) : choices;
  }
  if (rest.at(-1)?.startsWith("-")) {
    return command.options.flatMap(({ long, hidden }) => (long === undefined || hidden ? [] : [long]));
  }
  const before = argumentsOf(command, typed);
  const { registeredArguments: all } = command;
  const next = all[before.length] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  if (next === undefined) return [];
  if (next.argChoices !== undefined) return next.argChoices;
  return NAME_ARGUMENTS.has(next.name()) ? namesIn(before, context) : [];
}

/** Returns the commands that people type. */
function shown(program: Command): Command[] {
  return program.createHelp().visibleCommands(program);
}

function optionNamed(command: Command, word: string) {
  return command.options.find(({ long, short }) => word !== "" && (word === long || word === short));
}

/** Returns the words that are arguments, not options or their values. */
function argumentsOf(command: Command, words: readonly string[]): string[] {
  return words.filter((word, i) => !word.startsWith("-") && !optionNamed(command, words[i - 1] ?? "")?.required);
}

/** Returns the names of tensors in the first of some checkpoints. Never fails: there is no place for an error. */
async function namesIn([path]: readonly string[], { storage, signal }: Context): Promise<string[]> {
  const names: string[] = [];
  if (path === undefined) return names;
  try {
    const prefix = await resolveCheckpoint(path, { storage, onWarning: () => undefined });
    const reader = await openCheckpoint(prefix, { storage, signal });
    for await (const { name } of reader.tensors({ signal })) if (names.push(name) === MAX_NAMES) break;
    await reader.close();
  } catch {
    return names;
  }
  return names;
}
