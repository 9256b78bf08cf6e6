import { diffMetaGraphs, type MetaGraphDifference } from "@tfsaver/checkpoint-tools/meta-graph";
import type { Context } from "../../context.js";
import { ExitCode } from "../../errors.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { readMeta } from "../look/meta.js";

/** `tfckpt diff A.meta B.meta`: prints the operations that differ, and which collections and signatures do. */
export async function diffMetas(a: string, b: string, { json }: JsonOption, context: Context): Promise<void> {
  const result = diffMetaGraphs(await readMeta(a, context), await readMeta(b, context));
  if (!result.equal) context.exitCode = ExitCode.bad;
  await (json ? context.stdout.json(result) : printDifference(result, context));
}

async function printDifference(result: MetaGraphDifference, { stdout }: Context): Promise<void> {
  const { red, green, yellow, dim } = colors(stdout);
  const { removed, added, changed, unchanged, collections, signatures, saver } = result;
  const rows = [
    ...removed.map(({ name, type }) => ({ style: red, cells: ["removed", printable(name), printable(type)] })),
    ...added.map(({ name, type }) => ({ style: green, cells: ["added", printable(name), printable(type)] })),
    ...changed.map(({ name, differences }) => ({
      style: yellow,
      cells: ["changed", printable(name), differences.map(printable).join(", ")],
    })),
    ...collections.map((key) => ({ style: yellow, cells: ["changed", printable(key), "collection"] })),
    ...signatures.map((key) => ({ style: yellow, cells: ["changed", printable(key), "signature"] })),
    ...(saver ? [{ style: yellow, cells: ["changed", "saver", ""] }] : []),
  ];
  const lines = columns(rows.map(({ cells }) => cells));
  for (const [i, line] of lines.entries()) await stdout.line(line, rows[i]?.style);
  const counts = { removed: removed.length, added: added.length, changed: changed.length };
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const summary = [...found, ["equal", unchanged]].map(([what, count]) => `${count} ${what}`).join(", ");
  await stdout.line(`operations: ${summary}`, dim);
}
