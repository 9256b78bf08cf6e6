import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape } from "@tfsaver/core";

/** A tensor that has another name in the other checkpoint. */
export interface RenamedTensor {
  readonly from: string;
  readonly to: string;
}

/**
 * Finds removed and added tensors with the same dtype, shape and content. If several have the same content, those go together
 * whose names end with the same part; then the first ones.
 *
 * @param digest - computes the digest of a tensor; called only where dtype and shape leave a choice
 */
export async function findRenamed(
  removed: readonly TensorInfo[],
  added: readonly TensorInfo[],
  digest: (info: TensorInfo, isAdded: boolean) => Promise<string>,
): Promise<RenamedTensor[]> {
  const candidates = groupBy(added, kindOf);
  const renamed: RenamedTensor[] = [];
  for (const [kind, infos] of groupBy(removed, kindOf)) {
    const others = candidates.get(kind);
    if (others === undefined) continue;
    const byDigest = groupBy(await withDigests(others, digest, true), ([, hex]) => hex);
    for (const [key, names] of groupBy(await withDigests(infos, digest, false), ([, hex]) => hex)) {
      const from = names.map(([name]) => name);
      const to = (byDigest.get(key) ?? []).map(([name]) => name);
      for (const pair of pairs(from, to)) renamed.push(pair);
    }
  }
  return renamed.sort((a, b) => (a.from < b.from ? -1 : 1));
}

async function withDigests(
  infos: readonly TensorInfo[],
  digest: (info: TensorInfo, isAdded: boolean) => Promise<string>,
  isAdded: boolean,
): Promise<(readonly [name: string, digest: string])[]> {
  const found: (readonly [string, string])[] = [];
  for (const info of infos) found.push([info.name, await digest(info, isAdded)]);
  return found;
}

function pairs(from: readonly string[], to: readonly string[]): RenamedTensor[] {
  const left = new Set(to);
  const byLastPart = groupBy(to, lastPart);
  const found: RenamedTensor[] = [];
  const others: string[] = [];
  for (const name of from) {
    const same = byLastPart.get(lastPart(name))?.shift();
    if (same === undefined) others.push(name);
    else {
      left.delete(same);
      found.push({ from: name, to: same });
    }
  }
  const rest = [...left];
  for (const [i, name] of others.slice(0, rest.length).entries()) found.push({ from: name, to: rest[i] as string });
  return found;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function kindOf({ dtype, shape }: TensorInfo): string {
  return `${dtype} ${formatShape(shape)}`;
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
