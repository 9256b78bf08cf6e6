import {
  type CheckpointReader,
  objectGraphKeyMapping,
  type TensorInfo,
  type TensorSource,
} from "@tfsaver/checkpoint-reader";
import { type CallOptions, globMatcher, isPattern } from "@tfsaver/storage";
import { notFound } from "./not-found.js";

/** A checkpoint, or another source of tensors, whose names are all there is to select by. */
type Selectable = CheckpointReader | TensorSource;

/**
 * Selects tensors of a checkpoint by names and patterns, in the order of names. A name is a tensor's name; or that of the value
 * of a variable, `a:0`; or the graph name of a tensor of an object-based checkpoint. What is no name is a pattern, in which
 * `*` matches any characters, also `/`, `?` matches one, and `[ab]` one of a set.
 *
 * @param wanted - names and patterns; empty for all tensors
 * @throws `NotFoundError` if one of them selects nothing; the message proposes similar names.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { selectTensors } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * for (const { name, size } of await selectTensors(reader, ["encoder/*kernel", "global_step"])) console.log(name, size);
 * await reader.close();
 * ```
 */
export async function selectTensors(
  reader: Selectable,
  wanted: readonly string[] = [],
  options: CallOptions = {},
): Promise<TensorInfo[]> {
  const infos: TensorInfo[] = [];
  for await (const info of reader.tensors(options)) infos.push(info);
  if (wanted.length === 0) return infos;
  const selected = new Set<string>();
  const aliases = new Aliases(reader, options);
  for (const one of wanted) {
    const names = await namesFor(one, infos, aliases);
    if (names.length === 0) throw notFound(one, prefixOf(reader), infos);
    for (const name of names) selected.add(name);
  }
  return infos.filter(({ name }) => selected.has(name));
}

/**
 * Finds one tensor by the names that {@link selectTensors} takes.
 *
 * @throws `NotFoundError` if there is none; the message proposes similar names.
 */
export async function findTensor(
  reader: CheckpointReader,
  name: string,
  options: CallOptions = {},
): Promise<TensorInfo> {
  for (const candidate of spellings(name)) {
    const info = await reader.info(candidate, options);
    if (info !== undefined) return info;
  }
  const key = (await new Aliases(reader, options).keys()).get(name);
  const info = key === undefined ? undefined : await reader.info(key, options);
  if (info !== undefined) return info;
  const infos: TensorInfo[] = [];
  for await (const one of reader.tensors(options)) infos.push(one);
  throw notFound(name, reader.prefix, infos);
}

function prefixOf(source: Selectable): string {
  return "prefix" in source ? source.prefix : "the file";
}

/** Returns the names of tensors that a name or pattern means. */
async function namesFor(wanted: string, infos: readonly TensorInfo[], aliases: Aliases): Promise<string[]> {
  for (const candidate of spellings(wanted)) {
    if (infos.some(({ name }) => name === candidate)) return [candidate];
  }
  const keys = await aliases.keys();
  const key = keys.get(wanted);
  if (key !== undefined) return [key];
  if (!isPattern(wanted)) return [];
  const matches = globMatcher(wanted);
  const names = infos.map(({ name }) => name).filter(matches);
  for (const [name, stored] of keys) if (matches(name)) names.push(stored);
  return names;
}

/** Returns the names that a name may stand for: `a:0` is the value of the variable `a` in a graph. */
function spellings(name: string): string[] {
  return name.endsWith(":0") ? [name, name.slice(0, -2)] : [name];
}

/** The graph names of an object-based checkpoint, read once they are needed. */
class Aliases {
  #keys: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly reader: Selectable,
    private readonly options: CallOptions,
  ) {}

  /** Returns the names of tensors by graph names. */
  keys(): Promise<ReadonlyMap<string, string>> {
    this.#keys ??= this.#read().then((mapping) => mapping ?? new Map());
    return this.#keys;
  }

  async #read(): Promise<ReadonlyMap<string, string> | undefined> {
    return "prefix" in this.reader ? objectGraphKeyMapping(this.reader, this.options) : undefined;
  }
}
