import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { isNumeric, type OperationOptions, UnimplementedError } from "@tfsaver/core";
import { metadataOf, pathsOf } from "../source/described-source.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";
import { transposed } from "../source/transpose.js";
import { applyNameMap, type NameMap, type NewName } from "./name-map.js";

/**
 * Gives tensors other names, and transposes those for which the map says so. Nothing is read before the result is.
 *
 * @param source - an open checkpoint, or a file of another format. It stays the caller's to close
 * @throws `ValueError` that lists the names for which the map has no rule, or if two names become one; `UnimplementedError` for
 * strings that are to be transposed; the errors of reading.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { bertToHuggingFace, mapTensors } from "@tfsaver/interchange";
 * import { writeSafetensors } from "@tfsaver/interchange/safetensors";
 *
 * await using reader = await openCheckpoint("uncased_L-12_H-768_A-12/bert_model.ckpt");
 * await writeSafetensors(await mapTensors(reader, bertToHuggingFace), "model.safetensors");
 * ```
 */
export async function mapTensors(
  source: TensorSource,
  map: NameMap,
  options: OperationOptions = {},
): Promise<TensorSource> {
  const infos: TensorInfo[] = [];
  for await (const info of source.tensors(options)) infos.push(info);
  const names = applyNameMap(
    infos.map(({ name }) => name),
    map,
  );
  const tensors = infos.flatMap((info) => {
    const next = names.get(info.name);
    return next === undefined ? [] : [mapped(info, next, source)];
  });
  const metadata = { ...metadataOf(source), ...map.metadata };
  return new FileSource(pathsOf(source), tensors, metadata, async () => undefined);
}

function mapped(info: TensorInfo, { name, transpose }: NewName, source: TensorSource): StoredTensor {
  const whole = { ...info, name, slices: [] };
  if (!transpose || info.shape.length < 2) {
    return { info: whole, pieces: (options) => source.stream(info.name, options) };
  }
  if (!isNumeric(info.dtype)) {
    throw new UnimplementedError(`${info.name} can't be transposed: it is ${info.dtype}`, { tensor: info.name });
  }
  const shape = info.shape.toReversed();
  const axes = shape.map((_, d) => shape.length - 1 - d);
  return {
    info: { ...whole, shape },
    pieces: (options) =>
      transposed(
        { dtype: info.dtype, shape },
        axes,
        () => source.stream(info.name, { signal: options.signal }),
        options,
      ),
  };
}
