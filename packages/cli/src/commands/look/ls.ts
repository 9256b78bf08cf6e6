import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import { type JsonOption, printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { lsObjects } from "./ls-objects.js";
import { type Row, type RowOptions, rowsOf } from "./ls-rows.js";
import { withSlots } from "./ls-slots.js";
import { printTree, totalOf, treeOf } from "./ls-tree.js";

/** Options of `tfckpt ls`. */
export interface LsOptions extends JsonOption, RowOptions {
  /** Print the objects of an object-based checkpoint. */
  readonly objects?: boolean;
  /** Print scopes instead of tensors. */
  readonly tree?: boolean;
  /** List the slots of optimizers below their variables. */
  readonly slots?: boolean;
}

/** `tfckpt ls`: prints names, dtypes, shapes and sizes, sorted by name. */
export async function ls(path: string, options: LsOptions, context: Context): Promise<void> {
  const views = (["objects", "tree", "slots"] as const).filter((view) => options[view]);
  if (views.length > 1) throw new UsageError(`give --${views[0]} or --${views[1]}, not both`);
  const prefix = await find(path, context);
  if (options.objects) return lsObjects(prefix, options, context);
  const { storage, signal } = context;
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    const rows = await rowsOf(reader, options, signal);
    if (options.tree) return await (options.json ? printTreeAsJson(rows, context) : printTree(rows, context));
    const listed = options.slots ? await withSlots(rows) : rows;
    await (options.json ? printJsonArray(listed, context) : printTable(listed, options.verbose ?? false, context));
  } finally {
    await reader.close();
  }
}

function printTreeAsJson(rows: readonly Row[], context: Context): Promise<void> {
  return printJsonArray(
    [...treeOf(rows)].map(({ label: _, depth: __, ...row }) => row),
    context,
  );
}

/** A tensor with those that belong to it. */
type ListedRow = Row & { readonly slots?: readonly Row[] };

async function printTable(rows: readonly ListedRow[], verbose: boolean, { stdout }: Context): Promise<void> {
  const { bold, dim } = colors(stdout);
  const cellsOf = (row: Row, label: string) => [
    [label, row.dtype, formatShape(row.shape), formatBytes(row.bytes), row.file ?? ""],
    ...(row.slices ?? []).map(({ slice, file }) => [`  ${slice}`, "", "", "", file]),
  ];
  const cells = rows.flatMap((row) => [
    ...cellsOf(row, printable(row.name)),
    ...(row.slots ?? []).flatMap((slot) => cellsOf(slot, `  ${printable(slot.name)}`)),
  ]);
  const head = ["name", "dtype", "shape", "size", verbose ? "file" : ""];
  const [first = "", ...lines] = columns([head, ...cells], [3]);
  if (rows.length > 0) await stdout.line(first, bold);
  for (const line of lines) await stdout.line(line);
  await stdout.line(totalOf(rows.flatMap((row) => [row, ...(row.slots ?? [])])), dim);
}
