import { glob, type Storage } from "@tfsaver/storage";
import source from "./tensorflow-globs.jsonl?raw";

// tensorflow-globs.jsonl is what tensorflow-globs.py, next to it, printed with TensorFlow 2.21.
const { files, found } = JSON.parse(source) as { files: string[]; found: Record<string, string[]> };

export { files };

/** Returns the matches of every pattern in a folder, as TensorFlow returns them with that working directory. */
export async function matches(storage: Storage, folder: string): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const pattern of Object.keys(found)) {
    const paths = pattern === "" ? await glob(storage, "") : await glob(storage, `${folder}${pattern}`);
    all[pattern] = paths.map((path) => path.slice(folder.length)).sort();
  }
  return all;
}

/** TensorFlow's matches, without the `./` of files in the working directory. */
export const expected = Object.fromEntries(
  Object.entries(found).map(([pattern, paths]) => [
    pattern,
    paths.map((path) => (pattern.startsWith("./") ? path : path.replace(/^\.\//, ""))).sort(),
  ]),
);
