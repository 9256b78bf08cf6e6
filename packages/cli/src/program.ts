import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { CatOptions, ValueFormat } from "./commands/cat.js";
import type { CleanOptions } from "./commands/clean.js";
import type { ClusterOptions, SaveCommandOptions } from "./commands/cluster.js";
import type { ConvertCommandOptions } from "./commands/convert.js";
import type { LsOptions } from "./commands/ls.js";
import type { RepairStateCommandOptions } from "./commands/repair-state.js";
import type { Context } from "./context.js";
import type { JsonOption } from "./output/json.js";

const PREFIX = "a checkpoint: its prefix or one of its files, or a folder or its `checkpoint` file (then the latest)";

const FORMATS: readonly ValueFormat[] = ["text", "json", "npy", "raw"];

const EXAMPLES = `
Examples:
  tfckpt ls model                      what is in a folder's latest checkpoint
  tfckpt ls model/ckpt-7.index --json  the same of a certain one, for a program
  tfckpt cat model global_step         the value of a tensor
  tfckpt cat model dense/kernel -f npy -o kernel.npy
  tfckpt digest model > before.txt     to be compared with those of another one
  tfckpt verify model/ckpt-7           read every byte, compare every checksum
  tfckpt verify model                  the same of all checkpoints in a folder
  tfckpt repair-state model --dry-run  what a new \`checkpoint\` file would say
  tfckpt clean model --dry-run         what crashes have left
  tfckpt convert old.ckpt new --shards 4
  tfckpt save --target grpc://ps0:2222 --meta /shared/m.meta --prefix /shared/m

Exit codes: 0 good, 1 the checkpoint is bad, 2 wrong usage, 3 not found.`;

/**
 * The command line: what can be typed, and what it does. A command is loaded when it is typed, so that each starts fast.
 * `print` takes the text of help and version.
 */
export function buildProgram(context: Context, print: (text: string) => void): Command {
  const program = new Command("tfckpt")
    .description("Looks into TensorFlow checkpoints, and has servers save and restore them.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    // `convert --version` is the format to write.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined });
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument("<prefix>", PREFIX)
      .addOption(new Option("--debug", "print a stack trace with an error"));

  program.addOption(new Option("--debug", "print a stack trace with an error"));
  command("ls", "List tensors by name: dtype, shape, bytes.")
    .option("--json", "an array of {name, dtype, shape, bytes}")
    .option("-v, --verbose", "say also in which files tensors lie, and in which slices")
    .option("--objects", "list what an object-based checkpoint's tensors are called in a graph, and their keys")
    .action(async (prefix: string, options: LsOptions) =>
      (await import("./commands/ls.js")).ls(prefix, options, context),
    );
  command("cat", "Print the value of a tensor.")
    .argument("<name>", "the tensor's name, as `ls` prints it")
    .addOption(new Option("-f, --format <format>", "how to print it").choices(FORMATS).default("text"))
    .option("-o, --output <file>", "write to a file")
    .addHelpText("after", FORMAT_HELP)
    .action(async (prefix: string, name: string, options: CatOptions) =>
      (await import("./commands/cat.js")).cat(prefix, name, options, context),
    );
  command("digest", "Print the SHA-256 of every tensor's content.")
    .option("--json", "an object: name → digest")
    .addHelpText("after", DIGEST_HELP)
    .action(async (prefix: string, options: JsonOption) =>
      (await import("./commands/digest.js")).digest(prefix, options, context),
    );
  command("verify", "Check every byte; list all damage. Of a folder: of all checkpoints in it.")
    .option("--json", "the report as an object")
    .action(async (prefix: string, options: JsonOption) =>
      (await import("./commands/verify.js")).verify(prefix, options, context),
    );
  program
    .command("repair-state")
    .description("Make the `checkpoint` file of a folder anew, from the checkpoints that are whole.")
    .argument("<folder>", "a folder with checkpoints")
    .option("-n, --dry-run", "say what would be written, and write nothing")
    .addOption(new Option("--debug", "print a stack trace with an error"))
    .action(async (folder: string, options: RepairStateCommandOptions) =>
      (await import("./commands/repair-state.js")).repairState(folder, options, context),
    );
  command("convert", "Write it in another format or shards.")
    .argument("<new>", "the prefix to write it under")
    .addOption(new Option("--version <version>", "the format to write").choices(["v1", "v2"]).default("v2"))
    .option("--shards <number>", "how many files to spread the tensors over", "1")
    .action(async (prefix: string, destination: string, options: ConvertCommandOptions) =>
      (await import("./commands/convert.js")).convert(prefix, destination, options, context),
    );
  program
    .command("clean")
    .description("Remove what saves that were cut short have left.")
    .argument("<folder>", "a folder of checkpoints")
    .option("--dry-run", "only say what would be done")
    .option("--older-than <seconds>", "how long nothing must have changed, where nothing else tells", "3600")
    .addHelpText("after", CLEAN_HELP)
    .addOption(new Option("--debug", "print a stack trace with an error"))
    .action(async (folder: string, options: CleanOptions) =>
      (await import("./commands/clean.js")).clean(folder, options, context),
    );
  const cluster = (name: string, description: string, prefix: string) =>
    program
      .command(name)
      .description(description)
      .requiredOption("--target <server>", "a TensorFlow server, grpc://host:port")
      .requiredOption("--meta <file>", "the .meta file of the model that runs there")
      .requiredOption("--prefix <prefix>", prefix)
      .option("--timeout <seconds>", "how long to wait for the server", "600")
      .addHelpText("after", CLUSTER_HELP)
      .addOption(new Option("--debug", "print a stack trace with an error"));
  cluster("save", "Have a running server save its variables.", "the prefix to save them under")
    .option("--step <number>", "append the number of a step to the prefix")
    .action(async (options: SaveCommandOptions) => (await import("./commands/cluster.js")).save(options, context));
  cluster("restore", "Have a running server restore its variables.", PREFIX).action(async (options: ClusterOptions) =>
    (await import("./commands/cluster.js")).restore(options, context),
  );
  return program;
}

const FORMAT_HELP = `
Formats:
  text  as NumPy prints an array: large ones are summarised, strings quoted,
        bytes that are no UTF-8 escaped
  json  nested arrays; as text: integers beyond 2^53, NaN, infinities; complex
        numbers are pairs, strings that are no UTF-8 {"base64": …}
  npy   a NumPy file, as numpy.save writes it
  raw   the elements' bytes, little-endian; strings one after another, with
        nothing between them`;

const CLEAN_HELP = `
Temporary files and folders go, also those of TensorFlow, and the files of
checkpoints whose removal was cut short. What a saver is at work on stays, and
so do checkpoints; one that had just been replaced gets the names it should have.`;

const CLUSTER_HELP = `
The servers read and write the tensors, so the prefix must mean the same to them
as here: a shared folder, and an absolute path.`;

const DIGEST_HELP = `
The digest is taken over the raw little-endian bytes; for strings, over each
element as its length (8 bytes, little-endian) and its bytes.`;

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
