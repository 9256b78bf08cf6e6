import { type CheckpointReader, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape, formatSlice } from "@tfsaver/core";
import { basename } from "@tfsaver/storage";
import type { Context } from "../../context.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import { type JsonOption, printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { lsObjects } from "./ls-objects.js";

/** Options of `tfckpt ls`. */
export interface LsOptions extends JsonOption {
  /** Also print the files of tensors and slices. */
  readonly verbose?: boolean;
  /** List the tensors of an object-based checkpoint by their names in a graph. */
  readonly objects?: boolean;
}

interface Row {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** File of the tensor; for a partitioned tensor, see `slices`. */
  readonly file?: string;
  readonly slices?: readonly { readonly slice: string; readonly file: string }[];
}

/** `tfckpt ls`: prints names, dtypes, shapes and sizes, sorted by name. */
export async function ls(path: string, options: LsOptions, context: Context): Promise<void> {
  const prefix = await find(path, context);
  const { storage, signal } = context;
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    if (options.objects) return await lsObjects(reader, options, context);
    const rows: Row[] = [];
    for await (const info of reader.tensors({ signal })) rows.push(await rowOf(reader, info, options.verbose ?? false));
    await (options.json ? printJsonArray(rows, context) : printTable(rows, options.verbose ?? false, context));
  } finally {
    await reader.close();
  }
}

async function rowOf(reader: CheckpointReader, info: TensorInfo, verbose: boolean): Promise<Row> {
  const { name, dtype, shape, size, slices } = info;
  const row = { name, dtype, shape, bytes: size };
  if (!verbose) return row;
  const fileOf = async (slice?: TensorInfo["slices"][number]) => {
    const [read] = await reader.plan([{ name, slice }]);
    return read === undefined ? "" : basename(read.path);
  };
  if (slices.length === 0) return { ...row, file: await fileOf() };
  const parts = [];
  for (const slice of slices) parts.push({ slice: formatSlice(slice), file: await fileOf(slice) });
  return { ...row, slices: parts };
}

async function printTable(rows: readonly Row[], verbose: boolean, { stdout }: Context): Promise<void> {
  const { bold, dim } = colors(stdout);
  const cells = rows.flatMap((row) => [
    [printable(row.name), row.dtype, formatShape(row.shape), formatBytes(row.bytes), row.file ?? ""],
    ...(row.slices ?? []).map(({ slice, file }) => [`  ${slice}`, "", "", "", file]),
  ]);
  const head = ["name", "dtype", "shape", "size", verbose ? "file" : ""];
  const [first = "", ...lines] = columns([head, ...cells], [3]);
  if (rows.length > 0) await stdout.line(first, bold);
  for (const line of lines) await stdout.line(line);
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  await stdout.line(`${formatCount(rows.length, "tensor")}, ${formatBytes(total)}`, dim);
}
