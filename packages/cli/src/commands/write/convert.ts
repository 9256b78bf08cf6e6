import { convertCheckpoint, formatCount } from "@tfsaver/checkpoint-tools";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { asUsage } from "./usage.js";

/** Options of `tfckpt convert`, as typed. */
export interface ConvertCommandOptions {
  readonly version: "v1" | "v2";
  readonly shards: string;
}

/** `tfckpt convert`: writes a checkpoint in another format or number of shards. */
export async function convert(
  source: string,
  destination: string,
  options: ConvertCommandOptions,
  context: Context,
): Promise<void> {
  if (!/^[1-9]\d{0,4}$/.test(options.shards)) {
    throw new UsageError(`--shards takes a whole number from 1 to 99999, not '${options.shards}'`);
  }
  const prefix = await find(source, context);
  const format = options.version === "v1" ? "V1" : "V2";
  const shards = Number(options.shards);
  const { storage, stdout, signal } = context;
  const made = await withProgress("convert", context, ({ update }) =>
    convertCheckpoint(prefix, destination, { storage, format, shards, signal, onProgress: update }),
  ).catch((error: unknown) => {
    throw asUsage(error, destination);
  });
  const what = `${formatCount(made.tensors, "tensor")} in ${formatCount(made.shards, "shard")}`;
  await stdout.line(`${printable(made.prefix)}: ${what}, ${format}`);
}
