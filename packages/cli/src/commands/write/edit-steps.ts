import type { EditStep } from "@tfsaver/checkpoint-tools";
import { ALL_DTYPES, type DType } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { readNameMap } from "./name-map.js";

/** An option of `tfckpt edit` that is a step, as typed. */
export interface TypedStep {
  /** Name of the option, without dashes. */
  readonly option: string;
  /** Its value; "" for an option without one. */
  readonly value: string;
}

/**
 * Makes the steps of an edit from options, in their order.
 *
 * @throws UsageError if a value is not valid or a file can't be read; NotThereError if another checkpoint does not exist.
 */
export async function stepsOf(typed: readonly TypedStep[], context: Context): Promise<EditStep[]> {
  const steps: EditStep[] = [];
  for (const { option, value } of typed) {
    const last = steps.at(-1);
    // Patterns that follow each other are one step.
    if (option === "keep" && last !== undefined && "keep" in last)
      steps[steps.length - 1] = { keep: [...last.keep, value] };
    else if (option === "match") {
      if (last === undefined || !("cast" in last)) throw new UsageError("--match belongs behind a --cast");
      steps[steps.length - 1] = { ...last, match: [...(last.match ?? []), value] };
    } else steps.push(await stepOf(option, value, context));
  }
  if (steps.length === 0) throw new UsageError("no change: give an option such as --rename; see tfckpt edit --help");
  return steps;
}

async function stepOf(option: string, value: string, context: Context): Promise<EditStep> {
  switch (option) {
    case "rename":
      return { rename: value };
    case "map":
      return { map: await readNameMap(value, context) };
    case "add-scope":
      return { addScope: value };
    case "keep":
      return { keep: [value] };
    case "drop":
      return { drop: [value] };
    case "drop-optimizer":
      return { dropOptimizer: true };
    case "use-averages":
      return { useAverages: true };
    case "cast":
      if (!(ALL_DTYPES as readonly string[]).includes(value)) throw new UsageError(`--cast: '${value}' is no dtype`);
      return { cast: value as DType };
    case "reshape":
      return reshapeStep(value);
    case "reslice":
      return resliceStep(value);
    case "set": {
      const [name, file] = splitAt(value, value.indexOf("="), "--set takes NAME=FILE.npy");
      return { set: name, value: file };
    }
    default:
      return { merge: await find(value, context) };
  }
}

function reshapeStep(value: string): EditStep {
  const usage = "--reshape takes NAME=DIMS, such as kernel=768,12,-1";
  const [name, dims] = splitAt(value, value.lastIndexOf("="), usage);
  const [, list] = /^\[?((?:-?\d+(?:,-?\d+)*)?)\]?$/.exec(dims.replaceAll(" ", "")) ?? [];
  if (list === undefined) throw new UsageError(`${usage}, not '${value}'`);
  return { reshape: name, shape: list === "" ? [] : list.split(",").map(Number) };
}

function resliceStep(value: string): EditStep {
  const usage = "--reslice takes PATTERN=N or PATTERN=N@AXIS, such as embeddings=4";
  const [pattern, how] = splitAt(value, value.lastIndexOf("="), usage);
  const [, slices, axis = "0"] = /^(\d{1,6})(?:@(\d{1,3}))?$/.exec(how) ?? [];
  if (slices === undefined) throw new UsageError(`${usage}, not '${value}'`);
  return { reslice: pattern, slices: Number(slices), axis: Number(axis) };
}

function splitAt(value: string, at: number, usage: string): [string, string] {
  if (at <= 0) throw new UsageError(`${usage}, not '${value}'`);
  return [value.slice(0, at), value.slice(at + 1)];
}
