import { OBJECT_GRAPH_KEY, similarNames, type TensorInfo, type TensorSource } from "@tfsaver/checkpoint-reader";
import { isNumeric, NotFoundError, type OperationOptions, UnimplementedError, ValueError } from "@tfsaver/core";
import {
  applyNameRules,
  isNameRules,
  type NameMap,
  type NameRules,
  type NameTable,
  type NewName,
  nameInMap,
  namesInTable,
} from "@tfsaver/core/names";
import { transposed } from "@tfsaver/core/slices";
import { metadataOf, pathsOf, prefixOf } from "../source/described-source.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";

/**
 * Gives tensors other names, and transposes those for which the map says so. A table copies what has several new names. Nothing
 * is read before the result is.
 *
 * The tensors of an object-based checkpoint have the paths of their objects in the map. Its object graph is left out, because it
 * knows the old names.
 *
 * @param source - an open checkpoint, or a file of another format. It stays the caller's to close
 * @throws `NotFoundError` if a table has a name that the source lacks; `ValueError` that lists the names for which the map has no
 * rule, or if two names become one; `UnimplementedError` for strings that are to be transposed; the errors of reading.
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
  for await (const info of source.tensors(options)) if (info.name !== OBJECT_GRAPH_KEY) infos.push(info);
  const newNames = isNameRules(map) ? byRules(infos, map) : byTable(infos, map);
  const tensors = infos.flatMap((info) => newNames(info).map((next) => mapped(info, next, source)));
  const metadata = { ...metadataOf(source), ...(isNameRules(map) ? map.metadata : {}) };
  return new FileSource(pathsOf(source), tensors, metadata, async () => undefined, prefixOf(source));
}

type NewNames = (info: TensorInfo) => readonly NewName[];

function byRules(infos: readonly TensorInfo[], map: NameRules): NewNames {
  const names = applyNameRules(
    infos.map(({ name }) => nameInMap(name)),
    map,
  );
  return ({ name }) => {
    const next = names.get(nameInMap(name));
    return next === undefined ? [] : [next];
  };
}

function byTable(infos: readonly TensorInfo[], map: NameTable): NewNames {
  const table = namesInTable(map);
  const known = new Set(infos.flatMap(({ name }) => [name, nameInMap(name)]));
  for (const name of table.keys()) {
    if (known.has(name)) continue;
    const [similar] = similarNames(
      { name },
      [...known].map((other) => ({ name: other })),
    );
    const advice = similar === undefined ? "change the map" : `did you mean ${similar.name}?`;
    throw new NotFoundError(`The map has a name that no tensor has: ${name}; ${advice}`, { tensor: name });
  }
  const owners = new Map<string, string>();
  const newNames = (name: string) => table.get(name) ?? table.get(nameInMap(name)) ?? [name];
  for (const { name } of infos) {
    for (const next of newNames(name)) {
      const other = owners.get(next);
      if (other !== undefined) throw new ValueError(`${other} and ${name} would both become ${next}: change the map`);
      owners.set(next, name);
    }
  }
  return ({ name }) => newNames(name).map((next) => ({ name: next, transpose: false }));
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
  const tensor = { dtype: info.dtype, shape };
  return {
    info: { ...whole, shape },
    pieces: (options) => transposed(tensor, (others) => source.stream(info.name, others), options),
  };
}
