import {
  type CheckpointReader,
  type NamedTensor,
  readObjectGraph,
  type TensorInfo,
  type TensorSource,
} from "@tfsaver/checkpoint-reader";
import { pathOfKey } from "@tfsaver/checkpoint-reader/object-path";
import { ValueError } from "@tfsaver/core";
import { type CallOptions, globMatcher, isPattern } from "@tfsaver/storage";
import { printable } from "../values/printable.js";
import { notFound } from "./not-found.js";

/** A checkpoint, or another source of tensors, whose names are all there is to select by. */
type Selectable = CheckpointReader | TensorSource;

/**
 * Selects tensors of a checkpoint by names and patterns, in the order of names. A name is a tensor's name; or that of the value
 * of a variable, `a:0`; or, for a tensor of an object-based checkpoint, the path of its object, which is its key up to
 * `/.ATTRIBUTES/`, or its graph name, which several may share. What is no name is a pattern, in which `*` matches any characters,
 * also `/`, `?` matches one, and `[ab]` one of a set.
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
    if (names.length === 0) throw notFound(one, prefixOf(reader), await aliases.withNames(infos));
    for (const name of names) selected.add(name);
  }
  return infos.filter(({ name }) => selected.has(name));
}

/**
 * Finds one tensor by the names that {@link selectTensors} takes.
 *
 * @throws `NotFoundError` if there is none; the message proposes similar names. `ValueError` if several have this name.
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
  const aliases = new Aliases(reader, options);
  const keys = (await aliases.keys()).get(name) ?? [];
  if (keys.length > 1) throw ambiguous(name, keys, reader.prefix);
  const info = keys[0] === undefined ? undefined : await reader.info(keys[0], options);
  if (info !== undefined) return info;
  const infos: TensorInfo[] = [];
  for await (const one of reader.tensors(options)) infos.push(one);
  throw notFound(name, reader.prefix, await aliases.withNames(infos));
}

/** Maximum number of tensors in the message about a name that several have. */
const SHOWN = 3;

function ambiguous(name: string, keys: readonly string[], path: string): Error {
  const more = keys.length > SHOWN ? ", …" : "";
  const paths = new Set(keys.map(pathOfKey));
  const names = (paths.size === keys.length ? [...paths] : keys).slice(0, SHOWN).map(printable);
  const message = `${printable(name)} is a name of ${keys.length} tensors: ${names.join(", ")}${more}. Give one of these`;
  return new ValueError(message, { path });
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
  const named = keys.get(wanted);
  if (named !== undefined) return [...named];
  if (!isPattern(wanted)) return [];
  const matches = globMatcher(wanted);
  const names = infos.map(({ name }) => name).filter(matches);
  for (const [name, stored] of keys) {
    if (!matches(name)) continue;
    for (const one of stored) names.push(one);
  }
  return names;
}

/** Returns the names that a name may stand for: `a:0` is the value of the variable `a` in a graph. */
function spellings(name: string): string[] {
  return name.endsWith(":0") ? [name, name.slice(0, -2)] : [name];
}

/** The other names of the tensors of an object-based checkpoint, read once they are needed. */
class Aliases {
  #keys: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  constructor(
    private readonly reader: Selectable,
    private readonly options: CallOptions,
  ) {}

  /** Returns the names of tensors by the paths of their objects, and by the graph names that are no path. */
  keys(): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#keys ??= this.#read();
    return this.#keys;
  }

  /** Adds the other names to those of tensors, for proposals. */
  async withNames(infos: readonly TensorInfo[]): Promise<NamedTensor[]> {
    const byName = new Map(infos.map((info) => [info.name, info]));
    const others = [...(await this.keys())].map(([name, [key = ""]]) => ({ ...byName.get(key), name }));
    return [...others, ...infos];
  }

  async #read(): Promise<Map<string, string[]>> {
    const graph = "prefix" in this.reader ? await readObjectGraph(this.reader, this.options) : undefined;
    const attributes = graph?.nodes.flatMap((node) => node.attributes) ?? [];
    const [byPath, byGraphName] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
    const add = (keys: Map<string, Set<string>>, name: string, key: string) => {
      const known = keys.get(name);
      if (known === undefined) keys.set(name, new Set([key]));
      else known.add(key);
    };
    for (const { fullName, checkpointKey } of attributes) {
      add(byPath, pathOfKey(checkpointKey), checkpointKey);
      if (fullName !== "") add(byGraphName, fullName, checkpointKey);
    }
    // A path counts more than a graph name, because only one object has it.
    return new Map([...byGraphName, ...byPath].map(([name, keys]) => [name, [...keys]]));
  }
}
