import type { Command } from "commander";
import type { ClusterOptions, SaveCommandOptions } from "../commands/cluster/cluster.js";
import type { Context } from "../context.js";
import { addCommand, type Examples, PREFIX } from "./command.js";

const CLUSTER_HELP = `
The servers read and write the files, so the prefix must be an absolute path
in a folder that they share with this machine.`;

/** Adds the commands that run on a TensorFlow server. */
export function addClusterCommands(program: Command, context: Context): void {
  const cluster = (name: string, description: string, prefix: string, examples: Examples) =>
    addCommand(program, name, description, examples)
      .requiredOption("--target <server>", "a TensorFlow server, grpc://host:port")
      .requiredOption("--meta <file>", "the .meta file of the model on the server")
      .requiredOption("--prefix <prefix>", prefix)
      .option("--timeout <seconds>", "how long to wait for the server", "600")
      .addHelpText("after", CLUSTER_HELP);
  cluster("save", "Save the variables of a running server.", "the prefix to save to", [
    "tfckpt save --target grpc://ps0:2222 --meta /data/m.meta --prefix /data/m",
    "tfckpt save --target grpc://ps0:2222 --meta /d/m.meta --prefix /d/m --step 9",
  ])
    .option("--step <number>", "append a step number to the prefix")
    .action(async (options: SaveCommandOptions) =>
      (await import("../commands/cluster/cluster.js")).save(options, context),
    );
  cluster("restore", "Restore the variables of a running server.", PREFIX, [
    "tfckpt restore --target grpc://ps0:2222 --meta /data/m.meta --prefix /data/m-9",
    "tfckpt restore --target grpc://ps0:2222 --meta /data/m.meta --prefix /data",
  ]).action(async (options: ClusterOptions) =>
    (await import("../commands/cluster/cluster.js")).restore(options, context),
  );
}
