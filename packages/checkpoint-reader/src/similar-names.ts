import { type DType, type PartialShape, shapesCompatible } from "@tfsaver/core";

/** A tensor or variable, as far as it is known. */
export interface NamedTensor {
  readonly name: string;
  readonly dtype?: DType | undefined;
  /** Unknown dimensions fit any size. */
  readonly shape?: PartialShape;
}

/** A name that is probably meant. */
export interface SimilarName {
  readonly name: string;
  /** From 0.7, similar, to 1, the same. */
  readonly similarity: number;
}

/** The least similarity of names that are probably meant. */
const LIKELY = 0.7;
/** Longer parts of names are compared only for equality, because a file chooses their length. */
const MAX_LENGTH = 64;

/**
 * Finds the names of a checkpoint that are probably meant by a name that it lacks: with or without `:0` (`fc/biases:0`), under
 * another scope (`rnn/fc/biases`), misspelled or numbered in another way (`fc_1/bias`), or with the same last part and the same
 * shape. Names of another dtype or shape are left out.
 *
 * @param wanted - dtype and shape are optional
 * @returns the most similar names first, then in the order of `candidates`
 * @example
 * ```ts
 * import { similarNames } from "@tfsaver/checkpoint-reader";
 *
 * console.log(similarNames({ name: "rnn/fc/bias" }, [{ name: "fc/weights" }, { name: "fc/biases" }])[0]?.name); // fc/biases
 * ```
 */
export function similarNames(wanted: NamedTensor, candidates: Iterable<NamedTensor>): SimilarName[] {
  const parts = partsOf(wanted.name);
  const found: SimilarName[] = [];
  for (const candidate of candidates) {
    if (!fits(wanted, candidate)) continue;
    const similarity = similarityOf(parts, partsOf(candidate.name), isSameShape(wanted, candidate));
    if (similarity >= LIKELY) found.push({ name: candidate.name, similarity });
  }
  return found.sort((a, b) => b.similarity - a.similarity);
}

function fits(a: NamedTensor, b: NamedTensor): boolean {
  return (a.dtype ?? b.dtype) === (b.dtype ?? a.dtype) && shapesCompatible(a.shape, b.shape);
}

function isSameShape(a: NamedTensor, b: NamedTensor): boolean {
  return a.shape !== undefined && b.shape !== undefined && fits(a, b);
}

/** Splits a name into its parts, the last one first. */
function partsOf(name: string): string[] {
  const text = name.endsWith(":0") ? name.slice(0, -2) : name;
  return text.toLowerCase().split("/").reverse();
}

/** Compares the parts of two names from their ends: each counts less than the one behind it. */
function similarityOf(a: readonly string[], b: readonly string[], isSameShape: boolean): number {
  const last = partSimilarity(a[0] as string, b[0] as string);
  if (last === 0) return 0;
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const weight = 1 / (i + 1);
    const [one, other] = [a[i], b[i]];
    // A scope that only one of them has says little.
    sum += weight * (one === undefined || other === undefined ? 0.75 : partSimilarity(one, other));
    weights += weight;
  }
  const similarity = sum / weights;
  return isSameShape && last === 1 ? Math.max(similarity, LIKELY) : similarity;
}

/** Compares two parts of names: 1 if they are equal, 0 if they have little in common. */
function partSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length > MAX_LENGTH) return 0;
  // `bias` and `biases`, `dense` and `dense_1`.
  if (short.length >= 3 && long.startsWith(short)) return 0.85;
  const similarity = 1 - editDistance(a, b) / long.length;
  return similarity >= 0.6 ? similarity : 0;
}

/** Counts the characters to insert, remove or replace to make one text from another. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
