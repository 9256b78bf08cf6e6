import { isCheckpointError } from "@tfsaver/core";
import { readFile } from "@tfsaver/storage";
import { HttpStorage, type HttpStorageOptions } from "@tfsaver/storage/http";
import { readOnlyStorageSuite } from "@tfsaver/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileServer, type Quirks, serveFiles } from "./file-server.js";

const SMALL = Uint8Array.from({ length: 1000 }, (_, i) => i);
const LARGE = Uint8Array.from({ length: 300_000 }, (_, i) => i ^ (i >> 8));

let server: FileServer;

beforeEach(async () => {
  server = await serveFiles({ "/small": SMALL, "/large": LARGE, "/empty": new Uint8Array() });
});

afterEach(() => server.close());

function storageWith(options?: HttpStorageOptions): HttpStorage {
  return new HttpStorage(server.url, options);
}

/** Opens a file before the server starts to misbehave. */
async function opened(quirks: Quirks) {
  const file = await storageWith().open("large");
  server.quirks = quirks;
  return file;
}

async function bytesAt(file: Awaited<ReturnType<typeof opened>>, offset: number, length: number, signal?: AbortSignal) {
  const target = new Uint8Array(length);
  await file.readInto(offset, [target], { signal });
  return target;
}

async function failure(action: Promise<unknown>): Promise<{ kind: string; path?: string; message: string }> {
  const error: unknown = await action.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!isCheckpointError(error)) throw new Error(`Not one of our errors: ${String(error)}`);
  return error;
}

function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0);
}

describe("HttpStorage with a correct server", () => {
  const suite = readOnlyStorageSuite(async (files) => {
    const other = await serveFiles(
      Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`/a b/${path}`, bytes])),
    );
    return { storage: new HttpStorage(`${other.url}/a b/`), root: "", cleanup: () => other.close() };
  });
  for (const { name, run } of suite) it(name, run);
});

describe("the number of requests", () => {
  it("is one for a small file, for its size and bytes", async () => {
    expectBytes(await readFile(storageWith(), "small"), SMALL);
    expect(server.requests).toEqual(["GET /small bytes=0-65535"]);
  });

  it("is one for stat and a following open, and one for every stat", async () => {
    const storage = storageWith();
    await storage.stat("small");
    expectBytes(await readFile(storage, "small"), SMALL);
    expect(server.requests).toHaveLength(1);
    await storage.stat("small");
    await storage.stat("small");
    expect(server.requests).toHaveLength(3);
    await storage.open("small");
    await storage.open("small");
    expect(server.requests).toHaveLength(4);
  });

  it("is two for the size and the last 64 KiB, for any reads there", async () => {
    const file = await storageWith().open("large");
    for (const [offset, length] of [
      [299_952, 48],
      [290_000, 500],
      [235_000, 65_000],
      [0, 65_536],
      [10, 0],
    ] as const) {
      expectBytes(await bytesAt(file, offset, length), LARGE.subarray(offset, offset + length));
    }
    expect(server.requests).toEqual(["GET /large bytes=0-65535", "GET /large bytes=234464-299999"]);
  });

  it("is one for each other read, for exactly its bytes", async () => {
    const file = await storageWith().open("large");
    expectBytes(await bytesAt(file, 100_000, 100_000), LARGE.subarray(100_000, 200_000));
    expectBytes(await bytesAt(file, 60_000, 240_000), LARGE.subarray(60_000));
    expect(server.requests.slice(1)).toEqual(["GET /large bytes=100000-199999", "GET /large bytes=60000-299999"]);
  });

  it("is one for a file of a server without ranges", async () => {
    server.quirks = { ranges: false };
    const file = await storageWith().open("large");
    expectBytes(await bytesAt(file, 100_000, 100_000), LARGE.subarray(100_000, 200_000));
    expectBytes(await bytesAt(file, 299_952, 48), LARGE.subarray(299_952));
    expect(server.requests).toHaveLength(1);
  });

  it("includes a HEAD only if the server hides the size of a file", async () => {
    server.quirks = { headers: { "Content-Range": undefined } };
    const file = await storageWith().open("large");
    expect(file.size).toBe(LARGE.length);
    expectBytes(await bytesAt(file, 100_000, 9), LARGE.subarray(100_000, 100_009));
    expect(server.requests).toEqual(["GET /large bytes=0-65535", "HEAD /large", "GET /large bytes=100000-100008"]);
    expectBytes(await readFile(storageWith(), "small"), SMALL);
  });
});

describe("a server without ranges", () => {
  it("is read whole up to a limit, and no further", async () => {
    server.quirks = { ranges: false };
    expectBytes(await readFile(storageWith({ maxWholeFileBytes: 300_000 }), "large"), LARGE);
    for (const headers of [{}, { "Content-Length": undefined }]) {
      server.quirks = { ranges: false, headers };
      const error = await failure(storageWith({ maxWholeFileBytes: 299_999 }).open("large"));
      expect(error).toMatchObject({ kind: "ResourceExhaustedError", path: "large" });
      expect(error.message).toContain("does not support range requests");
      expect(error.message).toContain("maxWholeFileBytes");
    }
  });

  it("reports the size of a file without sending it", async () => {
    server.quirks = { ranges: false, hangs: true };
    expect((await storageWith({ maxWholeFileBytes: 10 }).stat("large"))?.size).toBe(300_000);
  });

  it("may compress the file; its size is the uncompressed one", async () => {
    server.quirks = { ranges: false, gzip: true };
    const storage = storageWith();
    expect((await storage.stat("large"))?.size).toBe(300_000);
    expectBytes(await readFile(storage, "large"), LARGE);
  });

  it("may have supported ranges before", async () => {
    const file = await opened({ ranges: false });
    expectBytes(await bytesAt(file, 100_000, 10), LARGE.subarray(100_000, 100_010));
    expectBytes(await bytesAt(file, 299_990, 10), LARGE.subarray(299_990));
    expect(server.requests).toHaveLength(2);
  });
});

describe("an empty file", () => {
  it.each<Quirks>([{}, { ranges: false }, { headers: { "Content-Range": undefined } }])(
    "is one with %j",
    async (quirks) => {
      server.quirks = quirks;
      expect((await storageWith().stat("empty"))?.size).toBe(0);
      expectBytes(await readFile(storageWith(), "empty"), new Uint8Array());
    },
  );
});

describe("a status", () => {
  it.each([
    [404, "NotFoundError"],
    [410, "NotFoundError"],
    [401, "PermissionDeniedError"],
    [403, "PermissionDeniedError"],
    [408, "UnavailableError"],
    [429, "UnavailableError"],
    [500, "UnavailableError"],
    [503, "UnavailableError"],
    [400, "UnknownError"],
    [204, "UnknownError"],
    [304, "UnknownError"],
  ])("of %i is a %s that names file, URL and status", async (status, kind) => {
    server.quirks = { status };
    const error = await failure(storageWith().open("small"));
    expect(error).toMatchObject({ kind, path: "small" });
    expect(error.message).toContain(`${server.url}/small`);
    expect(error.message).toContain(String(status));
    const file = storageWith().stat("small");
    if (kind === "NotFoundError") await expect(file).resolves.toBeUndefined();
    else expect((await failure(file)).kind).toBe(kind);
  });

  it("of 403 says that it may stand for a missing file", async () => {
    server.quirks = { status: 403 };
    for (const call of [() => storageWith().open("none"), () => storageWith().stat("none")]) {
      const { message } = await failure(call());
      expect(message).toContain(
        "The file may be missing: a store that you may not list answers so for every missing file",
      );
    }
  });

  it("of 416 for the start of a non-empty file is an UnknownError", async () => {
    server.quirks = { headers: { "Content-Range": "bytes */7" } };
    expect(await failure(storageWith().open("empty"))).toMatchObject({ kind: "UnknownError", path: "empty" });
  });
});

describe("a wrong answer is an UnknownError:", () => {
  it.each<readonly [string, Quirks]>([
    ["a body that is too short", { headers: { "Content-Length": undefined }, body: (b) => b.subarray(1) }],
    ["a body that is too long", { headers: { "Content-Length": undefined }, body: (b) => Uint8Array.from([...b, 0]) }],
    ["an empty body", { headers: { "Content-Length": undefined }, body: () => new Uint8Array() }],
    ["other bytes", { headers: { "Content-Range": "bytes 5-65540/300000" } }],
    ["fewer bytes than there are", { headers: { "Content-Range": "bytes 0-9/300000" } }],
    ["a part that is compressed", { gzip: true }],
    ["no size at all", { headers: { "Content-Range": undefined }, headStatus: 405 }],
    ["a size that is no number", { headers: { "Content-Range": "bytes 0-65535/many" }, headStatus: 501 }],
  ])("%s", async (_, quirks) => {
    server.quirks = quirks;
    expect(await failure(storageWith().open("large"))).toMatchObject({ kind: "UnknownError", path: "large" });
    expect(await failure(storageWith().stat("large"))).toMatchObject({ kind: "UnknownError", path: "large" });
  });

  it.each<readonly [string, Quirks]>([
    ["a body that is too short", { headers: { "Content-Length": undefined }, body: (b) => b.subarray(1) }],
    ["a body that is too long", { headers: { "Content-Length": undefined }, body: (b) => Uint8Array.from([...b, 0]) }],
    ["other bytes", { headers: { "Content-Range": "bytes 100001-100100/300000" } }],
    ["a part that is compressed", { gzip: true }],
    ["a range that is said not to exist", { status: 416 }],
  ])("%s, in a later read", async (_, quirks) => {
    const file = await opened(quirks);
    expect(await failure(bytesAt(file, 100_000, 100))).toMatchObject({ kind: "UnknownError", path: "large" });
  });
});

describe("a connection", () => {
  it("that breaks is an UnavailableError", async () => {
    server.quirks = { breaks: true };
    expect(await failure(storageWith().open("large"))).toMatchObject({ kind: "UnavailableError", path: "large" });
    server.quirks = {};
    const file = await opened({ breaks: true });
    expect(await failure(bytesAt(file, 100_000, 100_000))).toMatchObject({ kind: "UnavailableError", path: "large" });
  });

  it("that is refused is an UnavailableError", async () => {
    await server.close();
    for (const call of [() => storageWith().open("large"), () => storageWith().stat("large")]) {
      expect(await failure(call())).toMatchObject({ kind: "UnavailableError", path: "large" });
    }
    server = await serveFiles();
  });

  it("that hangs can be canceled by a signal", async () => {
    server.quirks = { hangs: true };
    const opening = new AbortController();
    const open = failure(storageWith().open("large", { signal: opening.signal }));
    const until = async (count: number) => {
      while (server.requests.length < count) await new Promise((done) => setTimeout(done, 1));
    };
    await until(1);
    opening.abort();
    expect((await open).kind).toBe("CancelledError");
    const asking = new AbortController();
    const stat = failure(storageWith().stat("large", { signal: asking.signal }));
    await until(2);
    asking.abort();
    expect((await stat).kind).toBe("CancelledError");

    server.quirks = {};
    const file = await opened({ hangs: true });
    const reading = new AbortController();
    const read = failure(bytesAt(file, 100_000, 100_000, reading.signal));
    await until(4);
    reading.abort();
    expect((await read).kind).toBe("CancelledError");
  });
});

describe("a file that changes while it is open is an AbortedError:", () => {
  it.each<{ readonly what: string; readonly quirks: Quirks; readonly bytes: Uint8Array }>([
    { what: "by its size", quirks: {}, bytes: LARGE.subarray(0, 299_999) },
    { what: "by ending before the range", quirks: {}, bytes: LARGE.subarray(0, 100) },
    { what: "by its time", quirks: { headers: { "Last-Modified": "Tue, 05 May 2026 10:00:01 GMT" } }, bytes: LARGE },
    { what: "by its size, as a whole", quirks: { ranges: false }, bytes: LARGE.subarray(0, 299_999) },
  ])("$what", async ({ quirks, bytes }) => {
    const file = await opened(quirks);
    server.files.set("/large", bytes);
    const error = await failure(bytesAt(file, 100_000, 100));
    expect(error).toMatchObject({ kind: "AbortedError", path: "large" });
    expect(error.message).toContain("changed while it was being read");
  });

  it("by its ETag", async () => {
    server.quirks = { headers: { ETag: '"1"' } };
    const file = await storageWith().open("large");
    await bytesAt(file, 100_000, 100);
    server.quirks = { headers: { ETag: '"2"' } };
    expect((await failure(bytesAt(file, 100_000, 100))).kind).toBe("AbortedError");
    const again = await storageWith().open("large");
    expectBytes(await bytesAt(again, 100_000, 1), LARGE.subarray(100_000, 100_001));
  });
});

it("requests uncompressed bytes, with the given headers", async () => {
  server.quirks = { headers: { "Content-Range": undefined } };
  await storageWith({ headers: { Authorization: "Bearer x" } }).stat("small");
  expect(server.requests).toEqual(["GET /small bytes=0-65535", "HEAD /small"]);
  for (const headers of server.received) {
    expect(headers).toMatchObject({ "accept-encoding": "identity", authorization: "Bearer x" });
  }
});
