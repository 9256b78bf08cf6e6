import { type CheckpointReader, similarNames, type TensorInfo } from "@tfsaver/checkpoint-reader";
import {
  type DType,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  NotFoundError,
  type PartialShape,
  shapesCompatible,
  ValueError,
} from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import { describeObject } from "../objects/describe-object.js";
import { isHostValue, type SavedValue } from "../objects/saved-attributes.js";

/** A value to restore. */
export interface WantedValue {
  readonly object: object;
  /** Returns the object's name for messages: `(root).model.kernel`. */
  readonly nameOf: () => string;
  readonly value: SavedValue;
}

/** A tensor that an object expects. */
interface ExpectedTensor {
  readonly key: string;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly wanted: WantedValue;
}

/**
 * Makes sure that a checkpoint has all values, with the dtypes and shapes that their objects expect.
 *
 * @throws `NotFoundError`, `InvalidArgumentError` or `ValueError` otherwise, which names the first object that does not fit.
 */
export async function requireFitting(
  reader: CheckpointReader,
  wanted: readonly WantedValue[],
  options: CallOptions,
): Promise<void> {
  const expected = wanted.flatMap(expectedBy);
  const infos = await reader.infos(
    expected.map(({ key }) => key),
    options,
  );
  for (const [i, tensor] of expected.entries()) {
    if (infos[i] === undefined) throw await missing(tensor, reader, options);
  }
  const path = reader.prefix;
  for (const [i, { key, dtype, shape, wanted }] of expected.entries()) {
    const found = infos[i] as TensorInfo;
    const where = () =>
      `\n\nObject: ${wanted.nameOf()}, here ${describeObject(wanted.object)}. The checkpoint ${path} has ${key} as ${
        found.dtype
      } ${formatShape(found.shape)}, the object is ${dtype} ${formatShape(shape)}. ${remedyFor(wanted)}`;
    if (found.dtype !== dtype) {
      throw new InvalidArgumentError(
        `tensor_name = ${key}; expected dtype ${dtypeMessageName(dtype)} does not equal original dtype ` +
          `${dtypeMessageName(found.dtype)}${where()}`,
        { path, tensor: key },
      );
    }
    if (!shapesCompatible(found.shape, shape)) {
      throw new ValueError(
        `Received incompatible tensor with shape ${formatShape(found.shape)} when attempting to restore variable with ` +
          `shape ${formatShape(shape)} and name ${nameIn(wanted)}.${where()}`,
        { path, tensor: key },
      );
    }
  }
}

function expectedBy(wanted: WantedValue): ExpectedTensor[] {
  const { value } = wanted;
  if (isHostValue(value)) return value.specs.map(({ name, dtype, shape }) => ({ key: name, dtype, shape, wanted }));
  return value.specs.map(({ name, dtype, tensor }) => {
    const shape = typeof tensor === "function" ? undefined : tensor.shape;
    return { key: name, dtype, shape, wanted };
  });
}

/** Returns what to do about a value that does not fit. */
function remedyFor({ value }: WantedValue): string {
  const own = isHostValue(value) ? value.host.remedy : undefined;
  return `No value was restored. ${own ?? "Make the object as it was when the checkpoint was saved, or leave it out."}`;
}

function nameIn({ object, nameOf }: WantedValue): string {
  return "name" in object && typeof object.name === "string" ? object.name : nameOf();
}

/** Returns the error for a key that is not there, with the keys that are probably meant. */
async function missing(
  { key, dtype, shape, wanted }: ExpectedTensor,
  reader: CheckpointReader,
  options: CallOptions,
): Promise<NotFoundError> {
  const stored: TensorInfo[] = [];
  for await (const info of reader.tensors(options)) stored.push(info);
  const similar = similarNames({ name: key, dtype, shape }, stored).map(({ name }) => name);
  const instead = similar.length === 0 ? "" : ` Similar keys: ${similar.slice(0, 3).join(", ")}.`;
  return new NotFoundError(
    `Key ${key} not found in checkpoint\n\nObject: ${wanted.nameOf()}, here ${describeObject(wanted.object)}. The object graph ` +
      `of ${reader.prefix} has an object there, but no such value.${instead} ${remedyFor(wanted)}`,
    { path: reader.prefix, tensor: key },
  );
}
