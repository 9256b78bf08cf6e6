import { type Command, Option } from "commander";
import type { AverageCommandOptions } from "../commands/write/average.js";
import type { ConvertCommandOptions } from "../commands/write/convert.js";
import type { EditCommandOptions } from "../commands/write/edit.js";
import type { Context } from "../context.js";
import { addCommand, PREFIX, several } from "./command.js";
import { addEditSteps } from "./edit-steps.js";

const AVERAGE_HELP = `
Floating-point and complex tensors are averaged in float64; all others, such as
steps and strings, are those of the newest checkpoint. Nothing is overwritten.`;

/** Adds the commands that write a checkpoint. */
export function addWriteCommands(program: Command, context: Context): void {
  addCommand(program, "convert", "Write a checkpoint in another format or number of shards.", [
    "tfckpt convert model resharded --shards 4",
    "tfckpt convert model/model.ckpt-7 old.ckpt --version v1",
  ])
    .argument("<prefix>", PREFIX)
    .argument("<new>", "the new prefix")
    .addOption(new Option("--version <version>", "the format to write").choices(["v1", "v2"]).default("v2"))
    .option("--shards <number>", "number of files", "1")
    .action(async (prefix: string, destination: string, options: ConvertCommandOptions) =>
      (await import("../commands/write/convert.js")).convert(prefix, destination, options, context),
    );
  addCommand(program, "average", "Write the average of checkpoints as a new one.", [
    "tfckpt average model --last 5 mean",
    "tfckpt average model/model.ckpt-6 model/model.ckpt-7 ema --decay 0.9",
  ])
    .argument("<prefixes...>", "checkpoints, the newest last, and the new prefix")
    .option("--last <number>", "the newest checkpoints of a folder")
    .option("--weights <numbers>", "a weight for each checkpoint, with commas; default: the same")
    .option("--decay <number>", "moving average: each checkpoint contributes 1 - decay")
    .option("--match <pattern>", "average only these tensors; may be repeated", several)
    .option("--shards <number>", "number of files", "1")
    .option("-n, --dry-run", "check everything, and write nothing")
    .option("--json", "print the result as an object")
    .addHelpText("after", AVERAGE_HELP)
    .action(async (prefixes: string[], options: AverageCommandOptions, command: Command) => {
      if (prefixes.length < 2) command.error("error: average takes checkpoints and a new prefix");
      await (await import("../commands/write/average.js")).average(prefixes, options, context);
    });
  const edit = addCommand(
    program,
    "edit",
    "Write an edited copy of a checkpoint. The changes are done in their order.",
    [
      "tfckpt edit model small --drop-optimizer --cast bfloat16 --match '*kernel'",
      "tfckpt edit model moved --rename 's/^dense1\\//encoder\\//' --dry-run",
    ],
  )
    .argument("<prefix>", PREFIX)
    .argument("<new>", "the new prefix")
    .option("--shards <number>", "number of files", "1")
    .option("-n, --dry-run", "print the plan, and write nothing")
    .option("--json", "print the plan as an object");
  const steps = addEditSteps(edit);
  edit.action(async (prefix: string, destination: string, options: EditCommandOptions) =>
    (await import("../commands/write/edit.js")).edit(prefix, destination, steps, options, context),
  );
}
