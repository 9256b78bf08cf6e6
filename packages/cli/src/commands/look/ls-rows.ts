import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import { ALL_DTYPES, formatSlice, isNumeric, numElements } from "@tfsaver/core";
import { basename } from "@tfsaver/storage";
import { finding, UsageError } from "../../errors.js";

/** What `tfckpt ls` prints of a tensor. */
export interface Row {
  readonly name: string;
  readonly dtype: TensorInfo["dtype"];
  readonly shape: readonly number[];
  readonly bytes: number;
  /** File of the tensor; for a partitioned tensor, see `slices`. */
  readonly file?: string;
  readonly slices?: readonly { readonly slice: string; readonly file: string }[];
}

/** Options that select and sort tensors, as typed. */
export interface RowOptions {
  readonly match?: readonly string[];
  readonly dtype?: string;
  /** A size: `1M`, `10 KiB`. */
  readonly larger?: string;
  readonly sort?: "name" | "size" | "shape";
  /** Also return the files of tensors and slices. */
  readonly verbose?: boolean;
}

/** Returns the number of elements that may be learned: all but strings. */
export function parametersOf({ dtype, shape }: Pick<Row, "dtype" | "shape">): number {
  return isNumeric(dtype) ? numElements(shape) : 0;
}

/** Returns the selected tensors of a checkpoint. */
export async function rowsOf(reader: CheckpointReader, options: RowOptions, signal: AbortSignal): Promise<Row[]> {
  const isWanted = filterOf(options);
  const infos = (await selected(reader, options.match, signal)).filter(isWanted);
  const rows: Row[] = [];
  for (const info of infos) rows.push(await rowOf(reader, info, options.verbose ?? false));
  const order = ORDERS[options.sort ?? "name"];
  return order === undefined ? rows : rows.sort(order);
}

async function selected(
  reader: CheckpointReader,
  match: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<TensorInfo[]> {
  if (match !== undefined) {
    const { selectTensors } = await import("@tfsaver/checkpoint-tools");
    return finding(() => selectTensors(reader, match, { signal }));
  }
  const infos: TensorInfo[] = [];
  for await (const info of reader.tensors({ signal })) infos.push(info);
  return infos;
}

function filterOf({ dtype, larger }: RowOptions): (info: TensorInfo) => boolean {
  const least = larger === undefined ? undefined : sizeOf(larger);
  const dtypes = dtype?.split(",");
  for (const one of dtypes ?? []) {
    if (!(ALL_DTYPES as readonly string[]).includes(one))
      throw new UsageError(`--dtype takes dtypes such as float32,int64, not '${one}'`);
  }
  return (info) => (dtypes?.includes(info.dtype) ?? true) && (least === undefined || info.size > least);
}

const UNITS = ["", "K", "M", "G", "T"];

/** Parses a size in bytes; units are powers of 1,024. */
function sizeOf(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([KMGT]?)i?B?$/i.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`--larger takes a size such as 1000, 10K or 1.5G, not '${text}'`);
  return Number(number) * 1024 ** UNITS.indexOf(unit.toUpperCase());
}

/** Orders of tensors; by name, they come from the reader. */
const ORDERS: Readonly<Record<string, (a: Row, b: Row) => number>> = {
  size: (a, b) => b.bytes - a.bytes,
  shape: (a, b) => a.shape.length - b.shape.length || compareShapes(a.shape, b.shape),
};

function compareShapes(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((dim, i) => dim !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
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
