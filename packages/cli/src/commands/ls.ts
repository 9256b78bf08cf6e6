import { listVariables } from "@tfsaver/checkpoint-reader";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools";
import { formatShape } from "@tfsaver/core";
import { colors } from "../colors.js";
import { columns } from "../columns.js";
import type { Context } from "../context.js";
import { find } from "../find.js";
import { printable } from "../printable.js";

/** Options of the commands that can print JSON. */
export interface JsonOption {
  readonly json?: boolean;
}

interface Row {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** `tfckpt ls`: names, dtypes, shapes and bytes, sorted by name. */
export async function ls(path: string, options: JsonOption, context: Context): Promise<void> {
  const prefix = await find(path, context);
  const rows = (await listVariables(prefix, { storage: context.storage })).map(
    ({ name, dtype, shape, size }): Row => ({ name, dtype, shape, bytes: size }),
  );
  await (options.json ? printJson(rows, context) : printTable(rows, context));
}

async function printJson(rows: readonly Row[], { stdout }: Context): Promise<void> {
  if (rows.length === 0) return stdout.line("[]");
  for (const [index, row] of rows.entries()) {
    await stdout.write(`${index === 0 ? "[\n" : ",\n"}  ${JSON.stringify(row)}`);
  }
  await stdout.line("\n]");
}

async function printTable(rows: readonly Row[], { stdout }: Context): Promise<void> {
  const { bold, dim } = colors(stdout);
  const cells = rows.map((row) => [printable(row.name), row.dtype, formatShape(row.shape), formatBytes(row.bytes)]);
  const [head = "", ...lines] = columns([["name", "dtype", "shape", "size"], ...cells], [3]);
  if (rows.length > 0) await stdout.line(bold(head));
  for (const line of lines) await stdout.line(line);
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  await stdout.line(dim(`${formatCount(rows.length, "tensor")}, ${formatBytes(total)}`));
}
