import { shardFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import {
  formatShape,
  InvalidArgumentError,
  makeTensor,
  numElements,
  shapesEqual,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { REFERENCE_SIZE } from "../run/tensor-size.js";
import { integerOf, textOf } from "./arguments.js";

const utf8 = new TextEncoder();

function stringScalar(text: string): Tensor {
  return makeTensor("string", [], [utf8.encode(text)]);
}

/** Joins strings elementwise. A scalar is joined to every element of the others. */
function join(call: KernelCall): Tensor {
  const { inputs, attributes } = call;
  const shaped = inputs.filter(({ shape }) => shape.length > 0);
  const shape = shaped[0]?.shape ?? [];
  for (const other of shaped) {
    if (shapesEqual(other.shape, shape)) continue;
    throw new InvalidArgumentError(`Input shapes do not match: ${formatShape(shape)} vs. ${formatShape(other.shape)}`);
  }
  const separator = utf8.encode(attributes.has("separator") ? attributes.string("separator") : "");
  const columns = inputs.map((input) => ({ strings: tensorStrings(input), step: input.shape.length > 0 ? 1 : 0 }));
  const joined = Array.from({ length: numElements(shape) }, (_, i) =>
    concatenate(
      call,
      columns.map(({ strings, step }) => strings[i * step] as Uint8Array),
      separator,
    ),
  );
  return makeTensor("string", shape, joined);
}

function concatenate(call: KernelCall, parts: readonly Uint8Array[], separator: Uint8Array): Uint8Array {
  const gaps = Math.max(parts.length - 1, 0) * separator.length;
  const length = parts.reduce((sum, part) => sum + part.length, gaps);
  call.reserve(length + REFERENCE_SIZE);
  const out = new Uint8Array(length);
  let offset = 0;
  for (const [i, part] of parts.entries()) {
    if (i > 0) {
      out.set(separator, offset);
      offset += separator.length;
    }
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Checks if whole strings match a pattern. TensorFlow's patterns are RE2's; JavaScript understands most of them. */
function fullMatch(call: KernelCall, input: Tensor): Tensor {
  const pattern = call.attributes.string("pattern");
  let regex: RegExp;
  try {
    regex = new RegExp(`^(?:${pattern})$`, "u");
  } catch (cause) {
    throw new InvalidArgumentError(`Invalid pattern: ${pattern}, error: ${(cause as Error).message}`, { cause });
  }
  const decoder = new TextDecoder();
  const matches = tensorStrings(input).map((bytes) => {
    call.reserve(mostSteps(pattern, bytes.length));
    return regex.test(decoder.decode(bytes)) ? 1 : 0;
  });
  return makeTensor("bool", input.shape, Uint8Array.from(matches));
}

/**
 * Estimates the most steps that JavaScript takes to match a pattern. RE2's time is linear in the length, but JavaScript
 * backtracks: each repetition multiplies the steps by the length, and a repeated group or a back-reference has no bound.
 */
function mostSteps(pattern: string, length: number): number {
  if (/\)[*+?{]|\\[1-9k]/.test(pattern)) return Number.POSITIVE_INFINITY;
  return length ** (pattern.match(/[*+{]/g)?.length ?? 0);
}

/** Kernels of operations on text, including those that name the files of a sharded checkpoint. */
export const stringKernels: Readonly<Record<string, Kernel>> = {
  StringJoin: join,
  StaticRegexFullMatch: (call) => fullMatch(call, call.input(0)),
  ShardedFilename: (call) => {
    const [shard, count] = [integerOf(call.input(1), "shard"), integerOf(call.input(2), "num_shards")];
    return stringScalar(shardFilename(textOf(call.input(0), "basename"), shard, count));
  },
  ShardedFilespec: (call) => {
    return stringScalar(shardFilespec(textOf(call.input(0), "basename"), integerOf(call.input(1), "num_shards")));
  },
};
