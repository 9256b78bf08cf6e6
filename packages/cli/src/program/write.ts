import { type Command, Option } from "commander";
import type { AverageCommandOptions } from "../commands/write/average.js";
import type { ConvertCommandOptions } from "../commands/write/convert.js";
import type { EditCommandOptions } from "../commands/write/edit.js";
import type { FreezeCommandOptions } from "../commands/write/freeze.js";
import type { Context } from "../context.js";
import { addCommand, PREFIX, several } from "./command.js";
import { addEditSteps } from "./edit-steps.js";

const AVERAGE_HELP = `
Floating-point and complex tensors are averaged in float64; all others, such as
steps and strings, are those of the newest checkpoint. Nothing is overwritten.`;

const TARGETS: readonly NonNullable<ConvertCommandOptions["to"]>[] = ["v1", "v2", "safetensors", "npz", "tfjs"];

const CONVERT_HELP = `
Endings:
  .safetensors  one file; with --shards, several and an index (.index.json)
  .npz          for numpy.load; needs @zip.js/zip.js where tfckpt is
  model.json    weights of TensorFlow.js, in files beside it
  .weights.h5   and .keras, of Keras 3, only to read; needs h5wasm there too`;

const FREEZE_HELP = `
Nodes that the outputs do not need are left out. A graph above 2 GiB is refused.`;

/** Adds the commands that write a checkpoint. */
export function addWriteCommands(program: Command, context: Context): void {
  addCommand(program, "convert", "Write a checkpoint in another format or number of shards.", [
    "tfckpt convert model resharded --shards 4",
    "tfckpt convert model model.safetensors",
  ])
    .argument("<source>", `${PREFIX}; or a file of another format`)
    .argument("<new>", "the new prefix, or a file of another format by its ending")
    .addOption(new Option("--to <format>", "the format to write, whatever the ending").choices(TARGETS))
    .addOption(new Option("--version <version>", "the version of a checkpoint (default: v2)").choices(["v1", "v2"]))
    .option("--shards <number>", "number of files (default: 1; for TensorFlow.js, of 4 MiB each)")
    .option("--map <map>", "other names: a file of JSON or of lines with tabs, or bert-to-huggingface")
    .option("--cast", "cast tensors that the format can't hold")
    .option("--drop-unsupported", "leave out tensors that the format can't hold")
    .option("--force", "replace the destination")
    .option("-n, --dry-run", "print what would be written, and write nothing")
    .option("--json", "print the report as an object")
    .addHelpText("after", CONVERT_HELP)
    .action(async (source: string, destination: string, options: ConvertCommandOptions) =>
      (await import("../commands/write/convert.js")).convert(source, destination, options, context),
    );
  addCommand(program, "freeze", "Write a graph with constants in the place of its variables.", [
    "tfckpt freeze model/model.ckpt-7.meta model.pb --outputs dense2/kernel/read",
    "tfckpt freeze model frozen.pb --outputs dense1/bias/read,dense1/kernel/read",
  ])
    .argument("<source>", "the .meta file of a checkpoint, or the checkpoint")
    .argument("<new>", "the new file, a GraphDef (.pb)")
    .requiredOption("--outputs <names>", "the operations that the graph is to compute, separated by commas")
    .option("--checkpoint <prefix>", "the checkpoint with the values (default: that of the .meta file)")
    .option("--force", "replace the destination")
    .option("-n, --dry-run", "check everything, and write nothing")
    .option("--json", "print the report as an object")
    .addHelpText("after", FREEZE_HELP)
    .action(async (source: string, destination: string, options: FreezeCommandOptions) =>
      (await import("../commands/write/freeze.js")).freeze(source, destination, options, context),
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
