import { metaGraphFilename, parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools";
import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal, requirePlain } from "../../url-storage.js";
import { asUsage } from "./usage.js";

/** Options of `tfckpt freeze`, as typed. */
export interface FreezeCommandOptions extends JsonOption {
  /** Names of operations, separated by commas. */
  readonly outputs: string;
  /** The checkpoint with the values. Default: that of the `.meta` file. */
  readonly checkpoint?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `tfckpt freeze`: writes a graph with constants in the place of variables. */
export async function freeze(
  source: string,
  destination: string,
  options: FreezeCommandOptions,
  context: Context,
): Promise<void> {
  const { storage, signal, stdout } = context;
  const { force, dryRun = false, json } = options;
  requirePlain(source);
  requireLocal(destination);
  const outputs = options.outputs.split(",").map((name) => name.trim());
  if (outputs.includes("")) throw new UsageError("--outputs takes names of operations, separated by commas");
  const isMetaGraph = parseCheckpointFilename(source).role === "meta-graph";
  const metaGraph = isMetaGraph ? source : metaGraphFilename(await find(source, context));
  const prefix = await find(options.checkpoint ?? source, context);
  const common = { storage, signal, outputs, force, dryRun };
  const made = await finding(() =>
    withProgress("freeze", context, ({ update }) =>
      freezeGraph(metaGraph, prefix, destination, { ...common, onProgress: update }),
    ).catch((error: unknown) => {
      throw asUsage(error, destination, ["ValueError", "UnimplementedError", "InvalidArgumentError"]);
    }),
  );
  if (json) return stdout.json({ path: destination, ...made, dryRun });
  const what = `${formatCount(made.variables.length, "variable")} in ${formatCount(made.nodes, "node")}, ${formatBytes(made.bytes)}`;
  await stdout.line(`${dryRun ? "would write " : ""}${printable(destination)}: ${what}`);
}
