import type { Storage } from "@tfsaver/storage";

/** Number of bytes to look at. */
const HEAD = 512;
const LFS = "a Git LFS pointer, not the file itself";

/** Kinds of file that are found in place of a checkpoint's, by their first bytes in lower case. */
const SIGNS: readonly { readonly starts: readonly string[]; readonly what: string }[] = [
  { starts: ["version https://git-lfs.github.com/spec/"], what: LFS },
  {
    starts: ["<!doctype html", "<html", "<head", "<?xml", "<error>"],
    what: "a web page or the error message of a server, not the file",
  },
  { starts: ["{"], what: "JSON, such as the error message of a server, not the file" },
  {
    starts: ["\x1f\x8b", "pk\x03\x04", "bzh", "\xfd7zxz", "\x28\xb5\x2f\xfd"],
    what: "compressed: an archive, or a download that was not unpacked",
  },
  { starts: ["\x89hdf"], what: "an HDF5 file, as Keras writes it, not a checkpoint" },
];

/** Says what a file is and what to do, if it is evidently not part of a checkpoint. */
export async function foreignFile(path: string, storage: Storage): Promise<string | undefined> {
  const file = await storage.open(path);
  try {
    const bytes = new Uint8Array(Math.min(file.size, HEAD));
    await file.readInto(0, [bytes]);
    const head = String.fromCharCode(...bytes);
    const start = head.trimStart().toLowerCase();
    const what = SIGNS.find(({ starts }) => starts.some((sign) => start.startsWith(sign)))?.what;
    if (what === undefined) return undefined;
    const size = /^size (\d+)$/m.exec(head)?.[1];
    if (what === LFS) {
      return `is ${what}${size === undefined ? "" : `, which has ${size} bytes`}: fetch it with \`git lfs pull\``;
    }
    return `is ${what}: fetch it again`;
  } finally {
    await file.close();
  }
}
