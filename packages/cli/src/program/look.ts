import { type Command, Option } from "commander";
import type { CatOptions, ValueFormat } from "../commands/look/cat.js";
import type { GrepOptions } from "../commands/look/grep.js";
import type { LsOptions } from "../commands/look/ls.js";
import type { MetaOptions } from "../commands/look/meta.js";
import type { StatCommandOptions } from "../commands/look/stat.js";
import type { ViewOptions } from "../commands/look/view.js";
import type { Context } from "../context.js";
import { addCommand, PREFIX, several } from "./command.js";

const FORMATS: readonly ValueFormat[] = ["text", "json", "npy", "raw"];

const FORMAT_HELP = `
Formats:
  text  as NumPy prints an array: large tensors are summarized, strings quoted,
        bytes that are not UTF-8 escaped
  json  nested arrays; integers beyond 2^53, NaN and infinities as text, complex
        numbers as pairs, strings that are not UTF-8 as {"base64": …}
  npy   a NumPy file, as numpy.save writes it
  raw   the little-endian bytes of the elements; strings without separators`;

const NAMES = "names, or patterns in which * matches any characters, also /; default: all";

const STAT_HELP = `
All but the counts are those of the finite numbers, computed in float64; of a
complex number, the magnitude. The deviation is that of the population, as
numpy.std computes it. Quantiles are exact up to about a million elements, and
within 0.05 % beyond. One tensor alone is shown with quantiles and a histogram.`;

const VIEW_HELP = `
The page is served on this machine alone, until Ctrl-C. Its address holds a
secret. Only files of the folder are served, and only to read.`;

/** Adds the commands that show what is in a checkpoint. */
export function addLookCommands(program: Command, context: Context): void {
  addCommand(program, "ls", "List tensors by name: dtype, shape, bytes.", [
    'tfckpt ls model --match "*kernel" --sort size',
    "tfckpt ls model --tree",
  ])
    .argument("<prefix>", PREFIX)
    .option("--match <pattern>", "list only these tensors; may be repeated", several)
    .option("--dtype <dtypes>", "list only these dtypes: float32,bfloat16")
    .option("--larger <size>", "list only larger tensors: 1000, 10K, 1.5G")
    .addOption(new Option("--sort <order>", "order").choices(["name", "size", "shape"]).default("name"))
    .option("--tree", "print scopes: parameters, bytes and share of each")
    .option("--slots", "list the slots of optimizers below their variables")
    .option("--objects", "print the objects of an object-based checkpoint as a tree, with graph names and keys")
    .option("-v, --verbose", "also print the files of tensors and slices")
    .option("--json", "print an array of {name, dtype, shape, bytes}")
    .action(async (prefix: string, options: LsOptions) =>
      (await import("../commands/look/ls.js")).ls(prefix, options, context),
    );
  addCommand(program, "cat", "Print the value of a tensor.", [
    "tfckpt cat model dense2/kernel -f npy -o kernel.npy",
    'tfckpt cat model dense2/kernel --slice "1:3,:"',
  ])
    .argument("<prefix>", PREFIX)
    .argument("<name>", "the tensor's name, as `ls` prints it")
    .addOption(new Option("-f, --format <format>", "output format (default: text)").choices(FORMATS))
    .option("--json", "the same as --format json")
    .option("-o, --output <file>", "write to a file")
    .option("--slice <slice>", "print a part, as NumPy writes it: 5:6,: (not verified)")
    .addHelpText("after", FORMAT_HELP)
    .action(async (prefix: string, name: string, options: CatOptions) =>
      (await import("../commands/look/cat.js")).cat(prefix, name, options, context),
    );
  addCommand(program, "stat", "Print statistics of tensors: extremes, mean, norms, zeros, NaN, quantiles.", [
    "tfckpt stat model --fail-on nan,inf",
    "tfckpt stat model dense1/kernel",
  ])
    .argument("<prefix>", PREFIX)
    .argument("[names...]", NAMES)
    .option("--scopes", "print a line for each scope")
    .option("--depth <number>", "number of parts of a name that make a scope", "1")
    .option("--fail-on <kinds>", "exit with 1 if there is any: nan, inf, or both with a comma")
    .option("--json", "print an object of tensors, scopes and total")
    .addHelpText("after", STAT_HELP)
    .action(async (prefix: string, names: string[], options: StatCommandOptions) =>
      (await import("../commands/look/stat.js")).stat(prefix, names, options, context),
    );
  addCommand(program, "grep", "Print which checkpoints hold a tensor.", [
    'tfckpt grep "*/Adam" model',
    "tfckpt grep global_step model --checkpoints",
  ])
    .argument("<name>", "a name, or a pattern in which * matches any characters, also /")
    .argument("<places...>", "folders, for all their checkpoints, or single checkpoints")
    .option("-l, --checkpoints", "print only the checkpoints, once each")
    .option("--json", "print an array of {checkpoint, name, dtype, shape}")
    .action(async (name: string, places: string[], options: GrepOptions) =>
      (await import("../commands/look/grep.js")).grep(name, places, options, context),
    );
  addCommand(program, "meta", "Print what a meta graph holds: operations, devices, collections, ….", [
    "tfckpt meta model/model.ckpt-7.meta",
    "tfckpt meta model --ops",
  ])
    .argument("<meta>", "a .meta file, or a checkpoint that has one")
    .option("--ops", "list the operations: name, type, device")
    .option("--json", "print the summary, or the operations, as JSON")
    .action(async (path: string, options: MetaOptions) =>
      (await import("../commands/look/meta.js")).meta(path, options, context),
    );
  addCommand(program, "view", "Show checkpoints in the browser: numbers, histograms, graph.", [
    "tfckpt view model",
    "tfckpt view model/model.ckpt-7 --no-open",
  ])
    .argument("[path]", "a folder with all its checkpoints, or one checkpoint; or its URL", ".")
    .option("--no-open", "print the address only, and open no browser")
    .option("--port <number>", "port to serve on; 0 for any that is free", "0")
    .addHelpText("after", VIEW_HELP)
    .action(async (path: string, options: ViewOptions) =>
      (await import("../commands/look/view.js")).view(path, options, context),
    );
}
