import { Command } from "commander";
import type { Context } from "../context.js";
import { version } from "../version.js";
import { addClusterCommands } from "./cluster.js";
import { debugOption } from "./command.js";
import { addCompareCommands } from "./compare.js";
import { addFolderCommands } from "./folder.js";
import { addLookCommands } from "./look.js";
import { addShellCommands } from "./shell.js";
import { addWriteCommands } from "./write.js";

const HELP = `
tfckpt help COMMAND prints examples.

Exit codes: 0 success, 1 damaged or different checkpoint, 2 wrong usage,
3 not found, 130 interrupted.`;

/**
 * Builds the command line.
 *
 * @param print - prints the text of help and version
 */
export function buildProgram(context: Context, print: (text: string) => void): Command {
  const program = new Command("tfckpt")
    .description("Inspects, compares, verifies, converts and repairs TensorFlow checkpoints.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText("after", HELP)
    // `convert --version` is the format to write.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .addOption(debugOption());
  for (const [title, add] of GROUPS) {
    program.commandsGroup(title);
    add(program, context);
  }
  return program;
}

/** The commands, by headings of the help. */
const GROUPS = [
  ["Look into a checkpoint:", addLookCommands],
  ["Check and compare:", addCompareCommands],
  ["Write a new checkpoint:", addWriteCommands],
  ["Look after a folder:", addFolderCommands],
  ["On a TensorFlow server:", addClusterCommands],
  ["For shells:", addShellCommands],
] as const;
