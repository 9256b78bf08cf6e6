import { type CheckpointReader, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import type { Context } from "../../context.js";
import { NotThereError } from "../../errors.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import type { JsonOption } from "../../output/json.js";
import { printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";

/** `tfckpt ls --objects`: prints the graph names of the tensors of an object-based checkpoint, and their keys. */
export async function lsObjects(reader: CheckpointReader, options: JsonOption, context: Context): Promise<void> {
  const graph = await readObjectGraph(reader, context);
  if (graph === undefined)
    throw new NotThereError(`${reader.prefix} is not an object-based checkpoint: it has no object graph`);
  const rows = graph.nodes.flatMap((node, object) =>
    node.attributes.map(({ fullName, checkpointKey }) => ({ name: fullName, key: checkpointKey, object })),
  );
  if (options.json) return printJsonArray(rows, context);
  const { stdout } = context;
  const { bold, dim } = colors(stdout);
  const cells = rows.map(({ name, key, object }) => [printable(name), printable(key), String(object)]);
  const [head = "", ...lines] = columns([["name", "key", "object"], ...cells], [2]);
  if (rows.length > 0) await stdout.line(head, bold);
  for (const line of lines) await stdout.line(line);
  await stdout.line(`${formatCount(graph.nodes.length, "object")}, ${formatCount(rows.length, "tensor")}`, dim);
}
