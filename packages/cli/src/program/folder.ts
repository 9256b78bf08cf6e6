import type { Command } from "commander";
import type { CleanOptions } from "../commands/folder/clean.js";
import type { RepairStateCommandOptions } from "../commands/folder/repair-state.js";
import type { Context } from "../context.js";
import { addCommand } from "./command.js";

const CLEAN_HELP = `
Removes temporary files and folders, including TensorFlow's, and the rest of
checkpoints whose removal was interrupted. Keeps checkpoints, and everything
that a running saver uses. Finishes the replacement of a checkpoint if
it had begun.`;

/** Adds the commands that work on a folder of checkpoints. */
export function addFolderCommands(program: Command, context: Context): void {
  addCommand(program, "repair-state", "Rebuild the `checkpoint` file of a folder from its good checkpoints.", [
    "tfckpt repair-state model --dry-run",
    "tfckpt repair-state model",
  ])
    .argument("<folder>", "a folder with checkpoints")
    .option("-n, --dry-run", "print what would be written, and write nothing")
    .action(async (folder: string, options: RepairStateCommandOptions) =>
      (await import("../commands/folder/repair-state.js")).repairState(folder, options, context),
    );
  addCommand(program, "clean", "Remove the leftovers of interrupted saves.", [
    "tfckpt clean model --dry-run",
    "tfckpt clean model --older-than 60",
  ])
    .argument("<folder>", "a folder of checkpoints")
    .option("--dry-run", "print what would be removed, and remove nothing")
    .option("--all-temporary", "include files that only have the name of a leftover")
    .option("--older-than <seconds>", "minimum age, unless the process is known to have ended", "3600")
    .addHelpText("after", CLEAN_HELP)
    .action(async (folder: string, options: CleanOptions) =>
      (await import("../commands/folder/clean.js")).clean(folder, options, context),
    );
}
