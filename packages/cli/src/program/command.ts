import { type Command, Option } from "commander";

/** The argument of commands that read a checkpoint. */
export const PREFIX =
  "a checkpoint: its prefix, any of its files, or a folder or its `checkpoint` file (the latest checkpoint); its URL, or s3://bucket/prefix";

/** Two command lines for the help of a command. Tests run them. */
export type Examples = readonly [string, string];

/** Adds a command to the program. It is loaded when it is typed, so that all start fast. */
export function addCommand(program: Command, name: string, description: string, examples: Examples): Command {
  return program
    .command(name)
    .description(description)
    .addOption(debugOption())
    .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
}

/** Makes the option that all commands share. */
export function debugOption(): Option {
  return new Option("--debug", "print a stack trace with an error");
}

/** Adds the values of an option that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
