import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { CatOptions, ValueFormat } from "./commands/cat.js";
import type { CleanOptions } from "./commands/clean.js";
import type { ClusterOptions, SaveCommandOptions } from "./commands/cluster.js";
import type { LsOptions } from "./commands/ls.js";
import type { RepairStateCommandOptions } from "./commands/repair-state.js";
import type { ConvertCommandOptions } from "./commands/write/convert.js";
import type { FreezeCommandOptions } from "./commands/write/freeze.js";
import type { Context } from "./context.js";
import type { JsonOption } from "./output/json.js";

const PREFIX =
  "a checkpoint: its prefix, any of its files, or a folder or its `checkpoint` file (the latest checkpoint)";

const FORMATS: readonly ValueFormat[] = ["text", "json", "npy", "raw"];

const TARGETS: readonly NonNullable<ConvertCommandOptions["to"]>[] = ["v1", "v2", "safetensors", "npz", "tfjs"];

const EXAMPLES = `
Examples:
  tfckpt ls model                      what is in a folder's latest checkpoint
  tfckpt ls model/ckpt-7.index --json  the same for one checkpoint, as JSON
  tfckpt cat model global_step         the value of a tensor
  tfckpt cat model dense/kernel -f npy -o kernel.npy
  tfckpt cat model embeddings --slice "5:6,:"
  tfckpt digest model > before.txt     digests, to compare with others
  tfckpt verify model/ckpt-7           read every byte, compare every checksum
  tfckpt verify model                  the same for all checkpoints of a folder
  tfckpt repair-state model --dry-run  what a new \`checkpoint\` file would name
  tfckpt clean model --dry-run         leftovers of interrupted saves
  tfckpt convert old.ckpt new --shards 4
  tfckpt convert model model.safetensors
  tfckpt freeze model/ckpt-7.meta model.pb --outputs softmax
  tfckpt save --target grpc://ps0:2222 --meta /shared/m.meta --prefix /shared/m

Exit codes: 0 success, 1 damaged checkpoint, 2 wrong usage, 3 not found,
130 interrupted.`;

/**
 * Builds the command line. Each command is loaded when it is typed, so that all start fast.
 *
 * @param print - prints the text of help and version
 */
export function buildProgram(context: Context, print: (text: string) => void): Command {
  const program = new Command("tfckpt")
    .description("Inspects, verifies, converts and repairs TensorFlow checkpoints.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print help for a command")
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
    .option("--json", "print an array of {name, dtype, shape, bytes}")
    .option("-v, --verbose", "also print the files of tensors and slices")
    .option("--objects", "list the graph names and keys of an object-based checkpoint")
    .action(async (prefix: string, options: LsOptions) =>
      (await import("./commands/ls.js")).ls(prefix, options, context),
    );
  command("cat", "Print the value of a tensor.")
    .argument("<name>", "the tensor's name, as `ls` prints it")
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("-o, --output <file>", "write to a file")
    .option("--slice <slice>", "print a part, as NumPy writes it: 5:6,: (not verified)")
    .addHelpText("after", FORMAT_HELP)
    .action(async (prefix: string, name: string, options: CatOptions) =>
      (await import("./commands/cat.js")).cat(prefix, name, options, context),
    );
  command("digest", "Print the SHA-256 of every tensor's content.")
    .option("--json", "print an object: name → digest")
    .addHelpText("after", DIGEST_HELP)
    .action(async (prefix: string, options: JsonOption) =>
      (await import("./commands/digest.js")).digest(prefix, options, context),
    );
  command("verify", "Verify every byte and list all damage. For a folder: verify all its checkpoints.")
    .option("--json", "print the report as an object")
    .action(async (prefix: string, options: JsonOption) =>
      (await import("./commands/verify.js")).verify(prefix, options, context),
    );
  program
    .command("repair-state")
    .description("Rebuild the `checkpoint` file of a folder from its good checkpoints.")
    .argument("<folder>", "a folder with checkpoints")
    .option("-n, --dry-run", "print what would be written, and write nothing")
    .addOption(new Option("--debug", "print a stack trace with an error"))
    .action(async (folder: string, options: RepairStateCommandOptions) =>
      (await import("./commands/repair-state.js")).repairState(folder, options, context),
    );
  program
    .command("convert")
    .description("Write a checkpoint in another format or number of shards.")
    .argument("<source>", `${PREFIX}; or a file of another format`)
    .argument("<new>", "the new prefix, or the file of another format, by its ending")
    .addOption(new Option("--to <format>", "the format to write, whatever the ending").choices(TARGETS))
    .addOption(new Option("--version <version>", "the version of a checkpoint, 2 by default").choices(["v1", "v2"]))
    .option("--shards <number>", "number of files (default: 1; for TensorFlow.js, of 4 MiB each)")
    .option("--map <map>", "other names: a JSON file, or bert-to-huggingface")
    .option("--cast", "cast tensors that the format can't hold")
    .option("--drop-unsupported", "leave out tensors that the format can't hold")
    .option("--force", "replace the destination")
    .option("-n, --dry-run", "print what would be written, and write nothing")
    .option("--json", "print the report as an object")
    .addHelpText("after", CONVERT_HELP)
    .addOption(new Option("--debug", "print a stack trace with an error"))
    .action(async (source: string, destination: string, options: ConvertCommandOptions) =>
      (await import("./commands/write/convert.js")).convert(source, destination, options, context),
    );
  program
    .command("freeze")
    .description("Write a graph with constants in the place of its variables.")
    .argument("<source>", "the .meta file of a checkpoint, or the checkpoint")
    .argument("<new>", "the new file, a GraphDef (.pb)")
    .requiredOption("--outputs <names>", "the operations that the graph is to compute, separated by commas")
    .option("--checkpoint <prefix>", "the checkpoint with the values (default: that of the .meta file)")
    .option("--force", "replace the destination")
    .option("-n, --dry-run", "check everything, and write nothing")
    .option("--json", "print the report as an object")
    .addHelpText("after", FREEZE_HELP)
    .addOption(new Option("--debug", "print a stack trace with an error"))
    .action(async (source: string, destination: string, options: FreezeCommandOptions) =>
      (await import("./commands/write/freeze.js")).freeze(source, destination, options, context),
    );
  program
    .command("clean")
    .description("Remove the leftovers of interrupted saves.")
    .argument("<folder>", "a folder of checkpoints")
    .option("--dry-run", "print what would be removed, and remove nothing")
    .option("--all-temporary", "include files that only have the name of a leftover")
    .option("--older-than <seconds>", "minimum age, unless the process is known to have ended", "3600")
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
      .requiredOption("--meta <file>", "the .meta file of the model on the server")
      .requiredOption("--prefix <prefix>", prefix)
      .option("--timeout <seconds>", "how long to wait for the server", "600")
      .addHelpText("after", CLUSTER_HELP)
      .addOption(new Option("--debug", "print a stack trace with an error"));
  cluster("save", "Save the variables of a running server.", "the prefix to save to")
    .option("--step <number>", "append a step number to the prefix")
    .action(async (options: SaveCommandOptions) => (await import("./commands/cluster.js")).save(options, context));
  cluster("restore", "Restore the variables of a running server.", PREFIX).action(async (options: ClusterOptions) =>
    (await import("./commands/cluster.js")).restore(options, context),
  );
  return program;
}

const FORMAT_HELP = `
Formats:
  text  as NumPy prints an array: large tensors are summarized, strings quoted,
        bytes that are not UTF-8 escaped
  json  nested arrays; integers beyond 2^53, NaN and infinities as text, complex
        numbers as pairs, strings that are not UTF-8 as {"base64": …}
  npy   a NumPy file, as numpy.save writes it
  raw   the little-endian bytes of the elements; strings without separators`;

const CONVERT_HELP = `
Endings:
  .safetensors   one file; with --shards, several and an index (.index.json)
  .npz           for numpy.load; needs npm install @zip.js/zip.js
  model.json     weights of TensorFlow.js, with files of 4 MiB beside it
  .weights.h5    and .keras, of Keras 3, only to read; needs npm install h5wasm

Examples:
  tfckpt convert old.ckpt new --shards 4
  tfckpt convert model model.safetensors --drop-unsupported
  tfckpt convert bert_model.ckpt model.safetensors --map bert-to-huggingface`;

const FREEZE_HELP = `
Nodes that the outputs do not need are left out. A graph above 2 GiB is refused.

Examples:
  tfckpt freeze model/ckpt-7.meta model.pb --outputs softmax
  tfckpt freeze model/ckpt-7.meta model.pb --outputs loss,accuracy --checkpoint model/ckpt-9`;

const CLEAN_HELP = `
Removes temporary files and folders, including TensorFlow's, and the rest of
checkpoints whose removal was interrupted. Keeps checkpoints, and everything that
a running saver uses. Finishes the replacement of a checkpoint if it had begun.`;

const CLUSTER_HELP = `
The servers read and write the files, so the prefix must be an absolute path in a
folder that they share with this machine.`;

const DIGEST_HELP = `
A digest is computed from the raw little-endian bytes; for strings, from the
length (8 bytes, little-endian) and the bytes of each element.`;

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
