import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { canonicalPath, MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { BlobStorage } from "@tfsaver/storage/blob";
import { HttpStorage } from "@tfsaver/storage/http";
import { NodeStorage } from "@tfsaver/storage/node";
import { FaultyStorage } from "@tfsaver/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "tfsaver-canonical-")));
  for (const folder of ["d", "d/e", "other"]) mkdirSync(join(root, folder));
  writeFileSync(join(root, "d/file"), "x");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a local path is one path", () => {
  const canonical = (path: string) => new NodeStorage().canonical(path);

  it.each(["d/m", "d/./m", "d//m", "d/e/../m", "other/../d/m", "d/m/", "./d/m", "d/none/../m", "d/none/../../d/m"])(
    "spelled as %s",
    async (spelling) => {
      expect(await canonical(`${root}/${spelling}`)).toBe(`${root}/d/m`);
      expect(await canonical(`${relative(process.cwd(), root)}/${spelling}`)).toBe(`${root}/d/m`);
      expect(await canonical(`file://${root}/${spelling}`)).toBe(`${root}/d/m`);
      expect(await canonical(`file://localhost${root}/${spelling}`)).toBe(`${root}/d/m`);
    },
  );

  it("through links of its folders, which the system follows before it takes a parent", async () => {
    symlinkSync("d", join(root, "link"));
    symlinkSync(join(root, "link"), join(root, "twice"));
    symlinkSync(join(root, "d/e"), join(root, "other/deep"));
    for (const spelling of ["link/m", "twice/m", "link/e/../m", "other/deep/../m", "other/../twice/./m"]) {
      expect(await canonical(join(root, "/") + spelling), spelling).toBe(`${root}/d/m`);
    }
    expect(await canonical(`${root}/twice`)).toBe(`${root}/d`);
  });

  it("but not what a link in its place leads to, which is another file", async () => {
    symlinkSync("file", join(root, "d/to-file"));
    symlinkSync("nothing", join(root, "d/to-nothing"));
    symlinkSync("circle", join(root, "d/circle"));
    for (const name of ["file", "to-file", "to-nothing", "circle", "circle/x", "file/x"]) {
      expect(await canonical(`${root}/link/../d/${name}`), name).toBe(`${root}/d/${name}`);
    }
  });

  it("from the working directory and the root", async () => {
    const here = realpathSync(process.cwd());
    for (const spelling of ["", ".", "./", "none/.."]) expect(await canonical(spelling)).toBe(here);
    for (const spelling of ["/", "//", "/..", "/./../"]) expect(await canonical(spelling)).toBe("/");
    expect(await canonical("/../none/m")).toBe("/none/m");
  });

  it("of any length, in little time", async () => {
    expect(await canonical(`${root}/${"x".repeat(5000)}`)).toBe(`${root}/${"x".repeat(5000)}`);
    const deep = "/a".repeat(200_000);
    expect((await canonical(root + deep)) === root + deep).toBe(true);
  });
});

/** Makes the local file system below a folder ignore case, as that of macOS and Windows do. */
const IGNORING_CASE = `
  import fs, { promises } from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  import { NodeStorage } from "@tfsaver/storage/node";

  const { root, realpathTellsCase, paths } = input;
  const stored = (path) => {
    if (!String(path).toLowerCase().startsWith(root.toLowerCase())) return path;
    return String(path).slice(root.length).split("/").reduce((folder, part) => {
      const names = fs.existsSync(folder) && fs.statSync(folder).isDirectory() ? fs.readdirSync(folder) : [];
      return folder + "/" + (names.find((name) => name.toLowerCase() === part.toLowerCase()) ?? part);
    }, root);
  };
  const real = { ...promises };
  for (const name of ["lstat", "stat", "opendir"]) {
    promises[name] = (path, options) => real[name](stored(path), options);
  }
  promises.realpath = async (path) => {
    const found = await real.realpath(stored(path));
    return realpathTellsCase ? found : found.toLowerCase();
  };
  syncBuiltinESMExports();
  const storage = new NodeStorage();
  const found = await Promise.all(paths.map((path) => storage.canonical(root + path)));
  console.log(JSON.stringify(found.map((path) => path.slice(root.length))));
`;

describe("where case is ignored, a local path is one path", () => {
  it.each([true, false])("in every case of its letters (realpath tells the case: %s)", async (realpathTellsCase) => {
    symlinkSync(join(root, "d/e"), join(root, "Link"));
    const spellings = ["d/E", "D/e", "LINK", "link"].flatMap((folder) =>
      ["M", "m", "None/../m"].map((m) => `/${folder}/${m}`),
    );
    const found = await runInOwnProcess(IGNORING_CASE, { root, realpathTellsCase, paths: spellings });
    expect(new Set(JSON.parse(found))).toEqual(new Set(["/d/e/m"]));
  });
});

describe("canonicalPath", () => {
  const text: Storage = Object.assign(new MemoryStorage(), { canonical: undefined });

  it("normalizes the text for a storage that has no canonical paths, and keeps a scheme", async () => {
    for (const [path, canonical] of [
      ["d/./m", "d/m"],
      ["/d//e/../m", "/d/m"],
      ["mem://b//d/./m", "mem://b/d/m"],
    ] as const) {
      expect(await canonicalPath(text, path)).toBe(canonical);
    }
  });

  it("keeps names of another case apart in memory, unless the storage ignores case", async () => {
    expect(await canonicalPath(new MemoryStorage(), "/D/M")).toBe("/D/M");
    const storage = new MemoryStorage({ ignoreCase: true });
    expect(await canonicalPath(storage, "/D/./M")).toBe("/d/m");
    await storage.createDirectory("/Run");
    await (await storage.create("/RUN/Model")).close();
    expect((await readFile(storage, "/run/MODEL")).length).toBe(0);
    await storage.rename("/run/model", "/run/MODEL.Index");
    await (await storage.create("/run/model.index")).close();
    expect(await storage.list("/rUN")).toEqual([{ name: "MODEL.Index", kind: "file" }]);
    expect(await storage.list("/")).toEqual([{ name: "Run", kind: "directory" }]);
  });

  it("takes relative paths of HTTP and of blobs from the root", async () => {
    for (const storage of [new HttpStorage("https://h.example/run"), new BlobStorage([])]) {
      for (const path of ["d/m", "/d/m", "./d//e/../m"]) expect(await canonicalPath(storage, path)).toBe("/d/m");
      for (const path of ["", ".", "/", "d/.."]) expect(await canonicalPath(storage, path)).toBe("/");
    }
  });

  it("can fail, as every operation of a storage", async () => {
    const faulty = new FaultyStorage(new MemoryStorage(), { fail: 2 });
    expect(await canonicalPath(faulty, "d//m")).toBe("d/m");
    await expect(canonicalPath(faulty, "d//m")).rejects.toThrow("Injected fault: canonical");
  });
});
