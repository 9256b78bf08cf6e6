import { type Command, Option } from "commander";
import type { CleanOptions } from "../commands/folder/clean.js";
import type { PruneCommandOptions } from "../commands/folder/prune.js";
import type { RepairStateCommandOptions } from "../commands/folder/repair-state.js";
import type { Context } from "../context.js";
import { addCommand } from "./command.js";

const CLEAN_HELP = `
Removes temporary files and folders, including TensorFlow's, and the rest of
checkpoints whose removal was interrupted. Keeps checkpoints, and everything
that a running saver uses. Finishes the replacement of a checkpoint if
it had begun.`;

const PRUNE_HELP = `
Keeps what at least one rule keeps, and the latest. Leaves alone what a saver
has locked, and what is newer than the \`checkpoint\` file.`;

/** Adds the commands that work on a folder of checkpoints. */
export function addFolderCommands(program: Command, context: Context): void {
  addCommand(program, "repair-state", "Rebuild the `checkpoint` file of a folder from its good checkpoints.", [
    "tfckpt repair-state model --dry-run",
    "tfckpt repair-state model",
  ])
    .argument("<folder>", "a folder with checkpoints")
    .option("-n, --dry-run", "print what would be written, and write nothing")
    .option("--json", "print the result as an object")
    .action(async (folder: string, options: RepairStateCommandOptions) =>
      (await import("../commands/folder/repair-state.js")).repairState(folder, options, context),
    );
  addCommand(program, "prune", "Remove the checkpoints of a folder that no rule keeps.", [
    "tfckpt prune model --keep-latest 2",
    "tfckpt prune model --keep-latest 1 --keep-every-steps 5 --yes",
  ])
    .argument("<folder>", "a folder of checkpoints")
    .option("--keep-latest <number>", "keep the newest ones")
    .option("--keep-every-steps <number>", "keep one for every so many steps")
    .option("--keep-every-hours <number>", "keep one for every so many hours")
    .option("--best <metric>", "keep the best by a metric that was saved with them")
    .addOption(new Option("--mode <mode>", "which values are best").choices(["min", "max"]).default("min"))
    .option("--best-of <number>", "number of the best to keep", "1")
    .option("--yes", "remove them; otherwise, they are only listed")
    .option("-n, --dry-run", "remove nothing, even with --yes")
    .option("--json", "print the decisions as an object")
    .addHelpText("after", PRUNE_HELP)
    .action(async (folder: string, options: PruneCommandOptions) =>
      (await import("../commands/folder/prune.js")).prune(folder, options, context),
    );
  addCommand(program, "clean", "Remove the leftovers of interrupted saves.", [
    "tfckpt clean model --dry-run",
    "tfckpt clean model --older-than 60",
  ])
    .argument("<folder>", "a folder of checkpoints")
    .option("-n, --dry-run", "print what would be removed, and remove nothing")
    .option("--all-temporary", "include files that only have the name of a leftover")
    .option("--older-than <seconds>", "minimum age, unless the process is known to have ended", "3600")
    .option("--json", "print the leftovers as an object")
    .addHelpText("after", CLEAN_HELP)
    .action(async (folder: string, options: CleanOptions) =>
      (await import("../commands/folder/clean.js")).clean(folder, options, context),
    );
}
