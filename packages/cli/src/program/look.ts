import { type Command, Option } from "commander";
import type { CatOptions, ValueFormat } from "../commands/look/cat.js";
import type { LsOptions } from "../commands/look/ls.js";
import type { Context } from "../context.js";
import { addCommand, PREFIX } from "./command.js";

const FORMATS: readonly ValueFormat[] = ["text", "json", "npy", "raw"];

const FORMAT_HELP = `
Formats:
  text  as NumPy prints an array: large tensors are summarized, strings quoted,
        bytes that are not UTF-8 escaped
  json  nested arrays; integers beyond 2^53, NaN and infinities as text, complex
        numbers as pairs, strings that are not UTF-8 as {"base64": …}
  npy   a NumPy file, as numpy.save writes it
  raw   the little-endian bytes of the elements; strings without separators`;

/** Adds the commands that show what is in a checkpoint. */
export function addLookCommands(program: Command, context: Context): void {
  addCommand(program, "ls", "List tensors by name: dtype, shape, bytes.", ["tfckpt ls model", "tfckpt ls model --json"])
    .argument("<prefix>", PREFIX)
    .option("--json", "print an array of {name, dtype, shape, bytes}")
    .option("-v, --verbose", "also print the files of tensors and slices")
    .option("--objects", "list the graph names and keys of an object-based checkpoint")
    .action(async (prefix: string, options: LsOptions) =>
      (await import("../commands/look/ls.js")).ls(prefix, options, context),
    );
  addCommand(program, "cat", "Print the value of a tensor.", [
    "tfckpt cat model dense2/kernel -f npy -o kernel.npy",
    'tfckpt cat model dense2/kernel --slice "1:3,:"',
  ])
    .argument("<prefix>", PREFIX)
    .argument("<name>", "the tensor's name, as `ls` prints it")
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("-o, --output <file>", "write to a file")
    .option("--slice <slice>", "print a part, as NumPy writes it: 5:6,: (not verified)")
    .addHelpText("after", FORMAT_HELP)
    .action(async (prefix: string, name: string, options: CatOptions) =>
      (await import("../commands/look/cat.js")).cat(prefix, name, options, context),
    );
}
