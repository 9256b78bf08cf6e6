import { canonicalPath, closing, createDirectories, joinPath, readFile, writeFileAtomically } from "@tfsaver/storage";
import { afterEach, expect, test, vi } from "vitest";
import { OpfsStorage } from "../src/index.js";
import { freshFolder } from "./fresh-folder.js";

afterEach(() => vi.restoreAllMocks());

const bytes = new TextEncoder().encode("content");

test("paths are the same with and without a / at the start, and .. does not lead out", async () => {
  const { storage, root, cleanup } = await freshFolder();
  await writeFileAtomically(storage, joinPath(root, "a"), bytes);
  for (const path of [`${root.slice(1)}/a`, `/..${root}/a`, `.${root}/../${root}/a`]) {
    expect(await readFile(storage, path)).toEqual(bytes);
    expect(await canonicalPath(storage, path)).toBe(`${root}/a`);
  }
  expect((await storage.stat("/"))?.kind).toBe("directory");
  await createDirectories(storage, "/");
  await cleanup?.();
});

test("other schemes are refused by name", async () => {
  const storage = new OpfsStorage();
  for (const call of [
    storage.open("s3://b/a"),
    storage.stat("s3://b/a"),
    storage.create("s3://b/a"),
    canonicalPath(storage, "s3://b/a"),
  ]) {
    await expect(call).rejects.toMatchObject({ kind: "UnimplementedError", message: expect.stringContaining("'s3'") });
  }
});

test("names that the browser does not allow are missing for a reader, and an error for a writer", async () => {
  const storage = new OpfsStorage();
  expect(await storage.stat("a\\b")).toBeUndefined();
  await expect(storage.open("a\\b")).rejects.toMatchObject({ kind: "NotFoundError" });
  for (const path of ["a\\b", "a.crswap"]) {
    await expect(storage.create(path)).rejects.toMatchObject({ kind: "InvalidArgumentError", path });
    await expect(storage.createDirectory(path)).rejects.toMatchObject({ kind: "InvalidArgumentError", path });
  }
});

test("files of the browser's own are not listed while another one is written, and no folder keeps them", async () => {
  const { storage, root, cleanup } = await freshFolder();
  const file = await storage.create(joinPath(root, "a"));
  await closing(file, async () => {
    await file.write([bytes]);
    expect((await storage.list(root)).map(({ name }) => name)).toEqual(["a"]);
  });
  // As a browser leaves one that is killed.
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(root.slice(1));
  await folder.getFileHandle("b.crswap", { create: true });
  await cleanup?.();
  expect(await storage.stat(root)).toBeUndefined();
});

test("a file that stays open for writing is an UnavailableError that says so", async () => {
  const { storage, root, cleanup } = await freshFolder();
  const path = joinPath(root, "a");
  const file = await storage.create(path);
  await closing(file, async () => {
    await expect(storage.rename(path, `${path}2`)).rejects.toMatchObject({
      kind: "UnavailableError",
      message: `${path} is open for writing in this page or worker, or in another one of this site. Close it there, then retry.`,
    });
  });
  await storage.rename(path, `${path}2`);
  await cleanup?.();
});

test("a large file that is removed while it is open is an AbortedError, a small one is read", async () => {
  const { storage, root, cleanup } = await freshFolder();
  for (const [size, isRead] of [
    [1000, true],
    [100_000, false],
  ] as const) {
    const path = joinPath(root, "a");
    await writeFileAtomically(storage, path, new Uint8Array(size).fill(7));
    const file = await storage.open(path);
    await storage.remove(path);
    const target = new Uint8Array(size);
    const read = file.readInto(0, [target]);
    if (isRead) await read;
    else await expect(read).rejects.toMatchObject({ kind: "AbortedError", path });
    expect(target[size - 1]).toBe(isRead ? 7 : 0);
  }
  await cleanup?.();
});

test("blocked storage is a PermissionDeniedError", async () => {
  const storage = new OpfsStorage();
  vi.spyOn(navigator.storage, "getDirectory").mockRejectedValue(new DOMException("Denied", "SecurityError"));
  await expect(storage.stat("a")).rejects.toMatchObject({ kind: "PermissionDeniedError", path: "a" });
});

test("the constructor names what a browser lacks", () => {
  const { prototype } = FileSystemFileHandle;
  const move = Object.getOwnPropertyDescriptor(prototype, "move") as PropertyDescriptor;
  Reflect.deleteProperty(prototype, "move");
  try {
    expect(() => new OpfsStorage()).toThrow(/needs a browser that renames files .*move/);
  } finally {
    Object.defineProperty(prototype, "move", move);
  }
  vi.spyOn(globalThis, "isSecureContext", "get").mockReturnValue(false);
  expect(() => new OpfsStorage()).toThrow(/needs a secure page/);
});
