import { shardFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import { formatShape, InvalidArgumentError, makeTensor, shapesEqual, type Tensor } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { costOfText } from "../run/memory/tensor-size.js";
import { integerOf, stringsOf, textOf } from "./arguments.js";
import { computeStrings } from "./compute.js";

/** Nanoseconds, roughly, that joining takes for each part of a string. */
const STEPS_PER_PART = 128;

const utf8 = new TextEncoder();

function stringScalar(text: string): Tensor {
  return makeTensor("string", [], [utf8.encode(text)]);
}

/** Joins strings elementwise. A scalar is joined to every element of the others. */
function join(call: KernelCall): Tensor | Promise<Tensor> {
  const { inputs, attributes } = call;
  const shaped = inputs.filter(({ shape }) => shape.length > 0);
  const shape = shaped[0]?.shape ?? [];
  for (const other of shaped) {
    if (shapesEqual(other.shape, shape)) continue;
    throw new InvalidArgumentError(`Input shapes do not match: ${formatShape(shape)} vs. ${formatShape(other.shape)}`);
  }
  const separator = utf8.encode(attributes.has("separator") ? attributes.string("separator") : "");
  const columns = inputs.map((input) => ({ strings: stringsOf(call, input), step: input.shape.length > 0 ? 1 : 0 }));
  return computeStrings(call, shape, STEPS_PER_PART * inputs.length, (i) => {
    const parts = columns.map(({ strings, step }) => strings[i * step] as Uint8Array);
    return concatenate(call, parts, separator);
  });
}

function concatenate(call: KernelCall, parts: readonly Uint8Array[], separator: Uint8Array): Uint8Array {
  const gaps = Math.max(parts.length - 1, 0) * separator.length;
  const length = parts.reduce((sum, part) => sum + part.length, gaps);
  call.reserve(costOfText(length));
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

/** Kernels of operations on text, including those that name the files of a sharded checkpoint. */
export const stringKernels: Readonly<Record<string, Kernel>> = {
  StringJoin: join,
  ShardedFilename: (call) => {
    const [shard, count] = [integerOf(call.input(1), "shard"), integerOf(call.input(2), "num_shards")];
    return stringScalar(shardFilename(textOf(call.input(0), "basename"), shard, count));
  },
  ShardedFilespec: (call) => {
    return stringScalar(shardFilespec(textOf(call.input(0), "basename"), integerOf(call.input(1), "num_shards")));
  },
};
