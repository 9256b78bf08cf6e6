import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDirectories, glob, readFile, writeFileAtomically } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { storageSuite } from "@tfsaver/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePipe } from "../../../fixtures/pipe.js";
import { runInOwnProcess } from "../../../tests/own-process.js";

const storage = new NodeStorage();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-local-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Every method that takes a path. */
const methods: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  open: (path) => storage.open(path),
  create: (path) => storage.create(path),
  "create exclusive": (path) => storage.create(path, { exclusive: true }),
  stat: (path) => storage.stat(path),
  list: (path) => storage.list(path),
  "rename from": (path) => storage.rename(path, join(root, "x")),
  "rename to": (path) => storage.rename(join(root, "x"), path),
  remove: (path) => storage.remove(path),
  createDirectory: (path) => storage.createDirectory(path),
  removeDirectory: (path) => storage.removeDirectory(path),
  syncDirectory: (path) => storage.syncDirectory(path),
  canonical: (path) => storage.canonical(path),
  glob: (path) => glob(storage, `${path}*`),
  createDirectories: (path) => createDirectories(storage, path),
};

describe.each(Object.entries(methods))("%s of NodeStorage", (_, call) => {
  it.each(["gs://b/m", "s3://b/m", "hdfs://h:1/m", "https://h.example/m", "x-y.z+1://m", "gs://", "FILE:///m"])(
    "refuses %s by its scheme",
    async (path) => {
      const scheme = path.slice(0, path.indexOf(":"));
      await expect(call(path)).rejects.toMatchObject({ kind: "UnimplementedError" });
      await expect(call(path)).rejects.toThrow(`File system scheme '${scheme}' not implemented`);
      await expect(call(path)).rejects.toThrow(`pass a \`storage\` for ${scheme}://`);
      expect(existsSync(`${scheme}:`)).toBe(false);
    },
  );

  it("refuses a file of another machine", async () => {
    for (const path of ["file://host/m", "file://m", "file://"]) {
      await expect(call(path)).rejects.toMatchObject({ kind: "InvalidArgumentError" });
      await expect(call(path)).rejects.toThrow("write file:/// before an absolute path");
    }
  });

  it("refuses a path with a NUL character, and shows it", async () => {
    for (const path of [`${root}/a\0b`, "\0", `file://${root}/a\0`]) {
      await expect(call(path)).rejects.toMatchObject({ kind: "InvalidArgumentError" });
      const shown = JSON.stringify(path).slice(0, -1);
      await expect(call(path)).rejects.toThrow(`${shown}`);
    }
  });
});

describe("NodeStorage under file://", () => {
  const suite = storageSuite(async () => {
    const folder = mkdtempSync(join(tmpdir(), "tfsaver-url-"));
    return { storage, root: `file://${folder}`, cleanup: async () => rmSync(folder, { recursive: true }) };
  });
  for (const { name, run } of suite) it(name, run);

  it("reads the path as it is, as TensorFlow does: %20 is no space", async () => {
    await writeFileAtomically(storage, `file://${root}/a%20b`, new TextEncoder().encode("here"));
    await writeFileAtomically(storage, `file://localhost${root}/c d`, new Uint8Array());
    expect(readdirSync(root).sort()).toEqual(["a%20b", "c d"]);
    expect(await glob(storage, `file://${root}/*`)).toEqual([`file://${root}/a%20b`, `file://${root}/c d`]);
  });

  it("takes a drive, or a scheme without //, for a plain name", async () => {
    for (const name of ["C:\\m", "file:m", "gs:m"]) {
      const path = `${root}/${name}`;
      await writeFileAtomically(storage, path, new Uint8Array(3));
      expect(readFileSync(path).length).toBe(3);
    }
    expect(await storage.stat("C:\\no\\such\\m")).toBeUndefined();
    expect(await storage.stat("C:/no/such/m")).toBeUndefined();
  });
});

/** Opens or creates each path, and prints the kinds and messages of the errors. */
const TRY = `
  import { NodeStorage } from "@tfsaver/storage/node";

  const storage = new NodeStorage();
  for (const path of input) {
    for (const call of [() => storage.open(path), () => storage.create(path)]) {
      console.log(await call().then(() => "fine", (error) => error.kind + ": " + error.message));
    }
    console.log((await storage.stat(path)).kind);
  }
`;

describe.skipIf(process.platform === "win32")("what is no regular file", () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  it("is refused at once, by open and create, also through a link, and stat says that it is neither", async () => {
    const names = ["pipe", "to-pipe", "socket", "to-null"].map((name) => join(root, name));
    makePipe(join(root, "pipe"));
    symlinkSync("pipe", join(root, "to-pipe"));
    symlinkSync("/dev/null", join(root, "to-null"));
    server = createServer().listen(join(root, "socket"));
    await new Promise((listening) => server?.once("listening", listening));

    const lines = (await runInOwnProcess(TRY, [...names, "/dev/zero"])).trimEnd().split("\n");
    const expected = [...names, "/dev/zero"].flatMap((name) => {
      const error = `FailedPreconditionError: ${name} is a pipe, socket or device, not a regular file`;
      return [error, error, "other"];
    });
    expect(lines).toEqual(expected);
  });

  it("is refused by readFile too, and is no folder", async () => {
    makePipe(join(root, "pipe"));
    await expect(readFile(storage, join(root, "pipe"))).rejects.toMatchObject({ kind: "FailedPreconditionError" });
    await expect(readFile(storage, join(root, "pipe/x"))).rejects.toMatchObject({ kind: "FailedPreconditionError" });
  });

  it("can be renamed and removed as a file", async () => {
    makePipe(join(root, "pipe"));
    writeFileSync(join(root, "file"), "x");
    mkdirSync(join(root, "d"));
    await storage.rename(join(root, "file"), join(root, "pipe"));
    expect((await storage.stat(join(root, "pipe")))?.kind).toBe("file");
    makePipe(join(root, "d/pipe"));
    await storage.remove(join(root, "d/pipe"));
    expect(readdirSync(root).sort()).toEqual(["d", "pipe"]);
  });
});

describe.skipIf(process.platform === "win32" || process.getuid?.() === 0)("a folder that may not be searched", () => {
  it("is an error for every path in it, and nothing in it is called missing", async () => {
    const folder = join(root, "closed");
    mkdirSync(folder);
    chmodSync(folder, 0o000);
    for (const call of [storage.open, storage.stat, storage.list, storage.canonical]) {
      await expect(call.bind(storage)(`${folder}/m`)).rejects.toMatchObject({ kind: "PermissionDeniedError" });
    }
    chmodSync(folder, 0o700);
  });
});
