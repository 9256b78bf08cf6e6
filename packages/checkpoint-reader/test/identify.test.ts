import { type FileKind, identifyBytes, identifyFile } from "@tfsaver/checkpoint-reader";
import { concatBytes } from "@tfsaver/core/coding";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../../fixtures/goldens.js";
import { putFile } from "../../../fixtures/storage-files.js";

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A zip archive as far as the name of its first file. */
const zip = (name: string) => `PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}content`;

describe("identifyBytes", () => {
  it.each<[FileKind, string]>([
    ["git-lfs-pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n"],
    ["web-page", "\n <!DOCTYPE html><html>"],
    ["web-page", "<HTML>"],
    ["web-page", '<?xml version="1.0"?><Error>'],
    ["json", '{"message": "Not Found"}'],
    ["json", "[]"],
    ["state-file", 'model_checkpoint_path: "m"\n'],
    ["state-file", '# made by hand\nall_model_checkpoint_paths: "m"\n'],
    ["text", "a note,\n in ASCII"],
    ["text", "\xff\xfem\0o\0d\0e\0l\0"],
    ["keras", zip("metadata.json")],
    ["keras", zip("config.json")],
    ["npz", zip("arr_0.npy")],
    ["pytorch", zip("archive/data.pkl")],
    ["pytorch", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02"],
    ["zip", zip("notes.bin")],
    ["zip", `PK\x05\x06${"\0".repeat(18)}`],
    ["compressed", "\x1f\x8b\x08\0\0\0"],
    ["compressed", "BZh91AY&SY"],
    ["compressed", "\xfd7zXZ\0"],
    ["compressed", "\x28\xb5\x2f\xfd\0"],
    ["compressed", `${"model".padEnd(257, "\0")}ustar\x0000`],
    ["hdf5", "\x89HDF\r\n\x1a\n\0\0"],
    ["npy", "\x93NUMPY\x01\0"],
    ["safetensors", '\x40\x01\0\0\0\0\0\0{"w":{"dtype":"F32"'],
    ["pickle", "\x80\x04\x95\x10\0\0"],
    ["pickle", "\x80\x02}q\0"],
    ["other-model", "\x1c\0\0\0TFL3\0"],
    ["other-model", "GGUF\x03\0"],
    ["other-model", "\x08\x07\x12\x07pytorch"],
    ["saved-model", "\x08\x01\x12\x80\x02\x0a\x10"],
    ["graph", "\x0a\x10\x0a\x01x\x12\x0bPlaceholder"],
    ["zeros", "\0".repeat(512)],
  ])("knows %s: %j", (kind, content) => {
    const found = identifyBytes(latin1(content));
    expect(found).toMatchObject({ kind, description: expect.stringMatching(/^[a-zA-Z]/) });
  });

  it("tells the size in a Git LFS pointer, and what to do", () => {
    const pointer = latin1("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n");
    expect(identifyBytes(pointer)?.description).toBe(
      "a Git LFS pointer, not the file itself, which has 12 bytes: fetch it with `git lfs pull`",
    );
  });

  it.each(["", "\x01\x02\x03", "\x08\x96", "\x0a\xff\xff", "\x80"])("does not know %j", (content) => {
    expect(identifyBytes(latin1(content))).toBeUndefined();
  });

  it("looks at the first 512 bytes only, and never fails", () => {
    const long = concatBytes([latin1("a".repeat(511)), new TextEncoder().encode("ü"), latin1("\0\0")]);
    expect(identifyBytes(long)?.kind).toBe("text");
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second += 3) identifyBytes(Uint8Array.of(first, second, 0xff, 0x0a, 0x12));
    }
  });
});

describe("identifyFile", () => {
  it("knows the index, the meta graph and the state file that TensorFlow writes", async () => {
    const storage = defaultStorage();
    const folder = `${goldensFolder}v2-with-meta`;
    expect((await identifyFile(`${folder}/model.ckpt-7.index`, storage))?.kind).toBe("checkpoint-index");
    expect((await identifyFile(`${folder}/model.ckpt-7.meta`, storage))?.kind).toBe("meta-graph");
    expect((await identifyFile(`${folder}/checkpoint`, storage))?.kind).toBe("state-file");
  });

  it("takes no data file of the goldens for a file of another kind", async () => {
    const storage = defaultStorage();
    for (const { path } of goldenCheckpoints("v2-all-dtypes")) {
      expect(await identifyFile(`${path}.data-00000-of-00001`, storage)).toBeUndefined();
    }
  });

  it("takes an empty file for none of them", async () => {
    const storage = new MemoryStorage();
    await putFile(storage, "m", "");
    expect(await identifyFile("m", storage)).toBeUndefined();
    expect(await readFile(storage, "m")).toHaveLength(0);
  });
});
