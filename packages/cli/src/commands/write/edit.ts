import {
  type EditPlan,
  type EditStep,
  editCheckpoint,
  formatBytes,
  formatCount,
  type PlannedTensor,
} from "@tfsaver/checkpoint-tools";
import { formatShape, isCheckpointError } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { finding, messageOf, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { printable as escaped } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal } from "../../url-storage.js";
import { stepsOf, type TypedStep } from "./edit-steps.js";
import { asUsage } from "./usage.js";

/** Options of `tfckpt edit`, as typed. */
export interface EditCommandOptions {
  readonly shards: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `tfckpt edit`: writes an edited copy of a checkpoint, and prints what changes before it is written. */
export async function edit(
  source: string,
  destination: string,
  typed: readonly TypedStep[],
  options: EditCommandOptions,
  context: Context,
): Promise<void> {
  const { dryRun = false, json = false } = options;
  const shards = shardsOf(options.shards);
  requireLocal(destination);
  const prefix = await find(source, context);
  const steps = await stepsOf(typed, context);
  context.subject = prefix;
  const { storage, stdout, signal, onWarning } = context;
  const onPlan = (plan: EditPlan) => (json ? undefined : printPlan(prefix, plan, context));
  const made = await withProgress("edit", context, ({ update }) =>
    finding(() =>
      editCheckpoint(prefix, destination, {
        steps,
        shards,
        dryRun,
        onPlan,
        storage,
        signal,
        onWarning,
        onProgress: update,
      }).catch((error: unknown) => {
        throw reported(error, { prefix, destination, steps }, context);
      }),
    ),
  );
  if (json)
    return stdout.json({
      source: prefix,
      destination: made.prefix,
      written: !dryRun,
      shards: made.shards,
      ...made.plan,
    });
  const what = `${formatCount(made.plan.tensors.length, "tensor")}, ${formatBytes(made.plan.bytes)}`;
  if (dryRun) return stdout.line(`${printable(made.prefix)}: would have ${what}`);
  await stdout.line(`${printable(made.prefix)}: ${what}, in ${formatCount(made.shards, "shard")}`);
}

/** What an edit was called with. */
interface Call {
  readonly prefix: string;
  readonly destination: string;
  readonly steps: readonly EditStep[];
}

/** Returns the error to report. One of a NumPy file is a usage error; one of a checkpoint is explained for that checkpoint. */
function reported(error: unknown, { prefix, destination, steps }: Call, context: Context): unknown {
  const path = isCheckpointError(error) ? (error.path ?? "") : "";
  const files = steps.flatMap((step) => ("set" in step ? [step.value] : []));
  if (files.includes(path)) return new UsageError(`--set: ${messageOf(error)}`, { cause: error });
  const sources = [prefix, ...steps.flatMap((step) => ("merge" in step ? [step.merge] : []))];
  const source = sources.filter((one) => path.startsWith(one)).sort((a, b) => b.length - a.length)[0];
  if (source !== undefined) context.subject = source;
  return asUsage(error, destination);
}

/** Reads the number of shards. */
function shardsOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`--shards takes a whole number from 1 to 99999, not '${text}'`);
}

/** Prints a line for each tensor that changes: `-` is left out, `+` comes from elsewhere, `~` has another name or form. */
async function printPlan(prefix: string, { tensors, dropped, bytesBefore, bytes }: EditPlan, context: Context) {
  const { stdout } = context;
  const { red, green, dim } = colors(stdout);
  for (const name of dropped) await stdout.line(`- ${printable(name)}`, red);
  let unchanged = 0;
  for (const tensor of tensors) {
    const isAdded = tensor.from.path !== prefix;
    const change = isAdded ? addition(tensor) : changeOf(tensor);
    if (change === undefined) unchanged++;
    else await stdout.line(`${isAdded ? "+" : "~"} ${change}`, isAdded ? green : undefined);
  }
  const counts = [`${dropped.length} dropped`, `${tensors.length - unchanged} changed`, `${unchanged} unchanged`];
  await stdout.line(`${counts.join(", ")}: ${formatBytes(bytesBefore)} → ${formatBytes(bytes)}`, dim);
}

function addition({ name, dtype, shape, from }: PlannedTensor): string {
  const source = from.name !== undefined && from.name !== name ? ` as ${printable(from.name)}` : "";
  const place = from.path === undefined ? "" : `  from ${printable(from.path)}${source}`;
  return `${printable(name)}  ${dtype} ${formatShape(shape)}${place}`;
}

/** Returns a name for the plan: what the keys of most variables of object-based checkpoints end with says nothing. */
function printable(name: string): string {
  return escaped(name.replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, ""));
}

/** Describes what changes of a tensor; `undefined` if nothing does. */
function changeOf({ name, dtype, shape, slices, from }: PlannedTensor): string | undefined {
  const parts = [[from.name ?? "", name].map(printable)];
  if (from.dtype !== dtype) parts.push([from.dtype, dtype]);
  if (formatShape(from.shape) !== formatShape(shape)) parts.push([from.shape, shape].map(formatShape));
  if (from.slices !== slices)
    parts.push([from.slices, slices].map((count) => (count === 0 ? "whole" : `${count} slices`)));
  if (parts.length === 1 && from.name === name) return undefined;
  return parts.map(([before, after]) => (before === after ? before : `${before} → ${after}`)).join("  ");
}
