import { type CallOptions, closing, type PreparedFile, readFile } from "@tfsaver/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { atRequest, type Fault } from "../../../fixtures/fake-s3/faults.js";
import { rejection } from "../../../fixtures/rejection.js";
import { isThorough, seedOfCommit } from "../../../tests/thorough.js";
import { type S3ClientLike, S3Storage, type S3StorageOptions } from "../src/index.js";

const PART = 5 << 20;
const pattern = new Uint8Array(4 * PART + 10);
for (let i = 0; i < pattern.length; i++) pattern[i] = i * 31 + (i >> 8) * 17;
/** Returns the same bytes for the same seed. */
const bytes = (length: number, seed = 0) => pattern.subarray(seed, seed + length);

let fake: FakeS3;
let storage: S3Storage;
let buckets = 0;
beforeAll(async () => {
  fake = await FakeS3.start();
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.reset();
  storage = make();
});

function make(options: Partial<S3StorageOptions> = {}): S3Storage {
  const bucket = `faults-${++buckets}`;
  return new S3Storage({ client: fake.client(), bucket, partSize: PART, backoffMs: 1, timeoutMs: 500, ...options });
}

async function write(path: string, content: Uint8Array, exclusive = false): Promise<void> {
  const file = await storage.create(path, { exclusive });
  await closing(file, () => file.write([content]));
}

/** Faults after which a request is repeated. */
const passing: readonly Fault[] = [
  { kind: "answer", status: 500, code: "InternalError" },
  { kind: "answer", status: 500, code: "InternalError", done: true },
  { kind: "answer", status: 503, code: "SlowDown" },
  { kind: "answer", status: 429, code: "TooManyRequests" },
  { kind: "reset" },
  { kind: "reset", done: true },
  { kind: "silence" },
  { kind: "silence", done: true },
  { kind: "delay", ms: 50 },
];
const nameOf = (fault: Fault) => Object.values(fault).join(" ");

/** Everything that a saver does, and what must be true afterwards. */
async function everything(): Promise<void> {
  await write("small", bytes(100));
  await write("large", bytes(PART + 100));
  await write("only-once", bytes(50), true);
  await write("large-once", bytes(PART + 100, 1), true);
  const made = await storage.put("lock", bytes(10), { exclusive: true });
  await storage.put("lock", bytes(10, 1), { ifVersion: made });
  const prepared = await storage.create("prepared");
  await prepared.write([bytes(PART + 1)]);
  await prepared.prepare?.();
  await prepared.close();
  await storage.rename("small", "renamed");
  await storage.remove("only-once");
  expect((await storage.list("")).map(({ name }) => name).sort()).toEqual([
    ...["large", "large-once", "lock", "prepared", "renamed"],
  ]);
  expect(await storage.stat("small")).toBeUndefined();
  expect(await readFile(storage, "renamed")).toEqual(bytes(100));
  expect((await storage.get("lock"))?.bytes).toEqual(bytes(10, 1));
  const file = await storage.open("large");
  const target = new Uint8Array(PART);
  await file.readInto(50, [target]);
  expect(Buffer.compare(target, bytes(PART, 50))).toBe(0);
}

/** Returns the number of uploads that may be left: one that was started without an answer is not known to anyone. */
const mostLeft = (fault: Fault, name = "") => ("done" in fault && name.startsWith("CreateMultipartUpload") ? 1 : 0);

describe("a fault that passes, at any one request, is not noticed", () => {
  let count: number;
  beforeAll(async () => {
    storage = make();
    await everything();
    count = fake.requests.length;
    expect(count).toBeGreaterThan(25);
  });
  /** Returns the requests that a fault meets: in a long run a third of them, in a short one two, other ones after each commit. */
  const triedFor = (i: number) => {
    const all = Array.from({ length: count }, (_, n) => n + 1);
    if (isThorough) return all.filter((n) => n % 3 === i % 3);
    const first = 2 * (seedOfCommit() * passing.length + i);
    return [first, first + 1].map((n) => all[n % count] as number);
  };
  it.each(passing.map((fault, i) => [nameOf(fault), fault, i] as const))(
    "%s",
    { timeout: 300_000 },
    async (_, fault, i) => {
      for (const n of triedFor(i)) {
        fake.reset();
        storage = make({ timeoutMs: fault.kind === "silence" ? 200 : 5000 });
        const happens = atRequest(n, fault);
        // A part that gets no answer is waited for much longer, for it may be slow to send.
        fake.fault = (request) => {
          const now = happens(request);
          return fault.kind === "silence" && request.name === "UploadPart" && !isThorough ? undefined : now;
        };
        try {
          await everything();
          expect((await storage.unfinished.list("")).length).toBeLessThanOrEqual(mostLeft(fault, fake.log[n - 1]));
        } catch (cause) {
          throw new Error(`${nameOf(fault)} at ${n}: ${fake.log[n - 1]}`, { cause });
        }
      }
    },
  );
});

describe("lost answers", () => {
  it("an exclusive write that succeeded is recognized, and that of another writer is not", async () => {
    fake.fault = atRequest(1, { kind: "reset", done: true }, "PutObject");
    await storage.put("lock", bytes(10), { exclusive: true });
    fake.reset();
    fake.fault = atRequest(1, { kind: "reset" }, "PutObject");
    const error = await rejection(storage.put("lock", bytes(10), { exclusive: true }));
    expect(error).toMatchObject({ kind: "AlreadyExistsError", path: "lock" });
  });

  it("a write of a version that succeeded is recognized, and that of another writer is not", async () => {
    const first = await storage.put("state", bytes(10));
    fake.fault = atRequest(1, { kind: "reset", done: true }, "PutObject");
    const second = await storage.put("state", bytes(10, 1), { ifVersion: first });
    expect((await storage.get("state"))?.version).toBe(second);
    fake.fault = atRequest(1, { kind: "reset" }, "PutObject");
    const error = await rejection(storage.put("state", bytes(10, 2), { ifVersion: first }));
    expect(error).toMatchObject({ kind: "AbortedError", path: "state" });
  });

  it("a prepared file whose end got no answer is recognized, and that of another writer is not", async () => {
    const prepare = async () => {
      const file = await storage.create("a");
      await file.write([bytes(10)]);
      return (await file.prepare?.()) as PreparedFile;
    };
    const first = await prepare();
    fake.fault = atRequest(1, { kind: "reset", done: true }, "CompleteMultipartUpload");
    await storage.unfinished.finish("a", first);
    expect(await readFile(storage, "a")).toEqual(bytes(10));
    fake.reset();
    const second = await prepare();
    await storage.unfinished.abandon("a", second.ticket);
    expect(await rejection(storage.unfinished.finish("a", second))).toMatchObject({ kind: "NotFoundError", path: "a" });
  });
});

describe("faults that stay", () => {
  it.each([
    [{ kind: "answer", status: 503, code: "SlowDown" }, "UnavailableError"],
    [{ kind: "answer", status: 403, code: "AccessDenied" }, "PermissionDeniedError"],
    [{ kind: "answer", status: 404, code: "NoSuchBucket" }, "NotFoundError"],
    [{ kind: "answer", status: 400, code: "InvalidRequest" }, "UnknownError"],
    [{ kind: "answer", status: 501, code: "NotImplemented" }, "UnimplementedError"],
    [{ kind: "reset" }, "UnavailableError"],
    [{ kind: "silence" }, "UnavailableError"],
    [{ kind: "cut", bytes: 5 }, "UnavailableError"],
  ] as const)("%j is a(n) %s that names the request and the object", async (fault, kind) => {
    await storage.put("dir/a", bytes(100));
    const bucket = `faults-${buckets}`;
    const options = { maxAttempts: 2, timeoutMs: fault.kind === "silence" ? 50 : 5000, backoffMs: 1 };
    const short = new S3Storage({ client: fake.client(), bucket, ...options });
    fake.fault = () => fault;
    const error = await rejection(short.open("dir/a"));
    expect(error).toMatchObject({ kind, path: "dir/a" });
    expect((error as Error).message).toContain(`GetObject s3://faults-${buckets}/dir/a`);
    if (fault.kind === "cut") return;
    expect(await rejection(short.stat("dir/a"))).toMatchObject({
      kind: fault.kind === "answer" && fault.code === "NoSuchBucket" ? "NotFoundError" : kind,
    });
  });

  it("a failed save leaves no upload, unless it was prepared", async () => {
    storage = make({ maxAttempts: 2 });
    fake.fault = ({ name }) =>
      name === "UploadPart" ? { kind: "answer", status: 500, code: "InternalError" } : undefined;
    expect(await rejection(write("a", bytes(3 * PART)))).toMatchObject({ kind: "UnavailableError", path: "a" });
    expect(await storage.unfinished.list("")).toEqual([]);
    fake.reset();
    const file = await storage.create("b");
    await file.write([bytes(10)]);
    const prepared = (await file.prepare?.()) as PreparedFile;
    fake.fault = ({ name }) => (name === "CompleteMultipartUpload" ? { kind: "reset" } : undefined);
    expect(await rejection(file.close())).toMatchObject({ kind: "UnavailableError" });
    fake.reset();
    await storage.unfinished.finish("b", prepared);
    expect(await readFile(storage, "b")).toEqual(bytes(10));
  });

  it("no credential is in any message, nor in anything that an error holds", async () => {
    const { inspect } = await import("node:util");
    fake.fault = () => ({ kind: "answer", status: 403, code: "InvalidAccessKeyId fake-key-id fake-secret" });
    for (const call of [
      () => storage.open("a"),
      () => storage.stat("a"),
      () => storage.list(""),
      () => write("a", bytes(5)),
    ])
      expect(inspect(await rejection(call()), { depth: 10, showHidden: true })).not.toMatch(/fake-key-id|fake-secret/);
  });
});

describe("reads", () => {
  it("a cut body is read on from where it ended", async () => {
    await write("a", bytes(1_000_000));
    const file = await storage.open("a");
    fake.fault = atRequest(1, { kind: "cut", bytes: 300_000 }, "GetObject");
    const target = new Uint8Array(800_000);
    await file.readInto(100_000, [target]);
    expect(Buffer.compare(target, bytes(1_000_000).subarray(100_000, 900_000))).toBe(0);
    expect(fake.requests.at(-1)?.headers.range).not.toBe("bytes=100000-899999");
  });

  it("a file that is replaced while it is read is an AbortedError, never a mixture", async () => {
    await write("a", bytes(1_000_000));
    const file = await storage.open("a");
    await write("a", bytes(1_000_000, 1));
    const error = await rejection(file.readInto(100_000, [new Uint8Array(800_000)]));
    expect(error).toMatchObject({ kind: "AbortedError", path: "a" });
  });

  it("open takes one request, from the offset that is asked for, and reads nearby bytes from it", async () => {
    await write("a", bytes(1_000_000));
    fake.reset();
    const file = await storage.open("a", { near: 500_000 });
    const target = new Uint8Array(3072);
    await file.readInto(500_000, [target]);
    expect(target).toEqual(bytes(3072, 500_000).slice());
    expect(file.size).toBe(1_000_000);
    expect(fake.log).toEqual(["GetObject a"]);
    expect((await storage.open("a", { near: 2_000_000 })).size).toBe(1_000_000);
  });

  it("large ranges are read in parts at the same time, no more than twice the concurrency", async () => {
    await write("a", bytes(4 * PART));
    storage = new S3Storage({ client: fake.client(), bucket: `faults-${buckets}`, concurrency: 2 });
    fake.reset();
    const file = await storage.open("a");
    const targets = [new Uint8Array(7), new Uint8Array(3 * PART), new Uint8Array(PART - 107)];
    await file.readInto(100, targets);
    expect(Buffer.compare(Buffer.concat(targets), bytes(4 * PART).subarray(100))).toBe(0);
    expect(fake.log.length).toBe(1 + 2);
  });

  it.each<[string, (files: S3Storage, options: CallOptions) => Promise<unknown>]>([
    ["open", (files, options) => files.open("a", options)],
    ["create", (files, options) => files.create("b", { exclusive: true, ...options })],
    ["stat", (files, options) => files.stat("a", options)],
    ["list", (files, options) => files.list("", options)],
    ["rename", (files, options) => files.rename("a", "b", options)],
    ["remove", (files, options) => files.remove("a", options)],
    ["removeDirectory", (files, options) => files.removeDirectory("d", options)],
    ["get", (files, options) => files.get("a", options)],
    ["put", (files, options) => files.put("b", bytes(1), options)],
    ["unfinished.list", (files, options) => files.unfinished.list("", options)],
    ["unfinished.finish", (files, options) => files.unfinished.finish("a", NO_UPLOAD, options)],
    ["unfinished.stateOf", (files, options) => files.unfinished.stateOf("a", NO_UPLOAD, options)],
    ["unfinished.abandon", (files, options) => files.unfinished.abandon("a", NO_UPLOAD.ticket, options)],
  ])("an aborted signal ends %s, which gets no answer, and is passed to the client", async (_, call) => {
    await write("a", bytes(100));
    const controller = new AbortController();
    const reason = new Error("enough");
    // Once the request is there: if it came later, the next test would find it.
    fake.fault = () => {
      controller.abort(reason);
      return { kind: "silence" };
    };
    const signals: (AbortSignal | undefined)[] = [];
    const client = fake.client();
    const spy: S3ClientLike = {
      config: client.config,
      send: (command, options) => {
        signals.push(options?.abortSignal);
        return client.send(command, options);
      },
    };
    const calling = call(make({ client: spy, timeoutMs: 60_000 }), { signal: controller.signal });
    expect(await rejection(calling)).toMatchObject({ kind: "CancelledError", cause: reason });
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});

const NO_UPLOAD = { ticket: "1", mark: "1" };

describe("uploads", () => {
  it("a file of one part takes one request, a larger one its parts and two", async () => {
    await write("small", bytes(PART));
    expect(fake.log).toEqual(["PutObject small"]);
    fake.reset();
    await write("large", bytes(PART + 1));
    expect(fake.log).toEqual([
      ...["CreateMultipartUpload large", "UploadPart large", "UploadPart large", "CompleteMultipartUpload large"],
    ]);
  });

  it("a file that is known to have too many parts is refused before anything is sent, with the advice to use more shards", async () => {
    const limit = 10_000 * PART;
    const error = await rejection(storage.create("a", { expectedBytes: limit + 1 }));
    expect(error).toMatchObject({ kind: "ResourceExhaustedError", message: expect.stringContaining("more shards") });
    expect(fake.requests).toEqual([]);
    await (await storage.create("a", { expectedBytes: limit })).abandon?.();
  });

  it.runIf(isThorough)("a file with too many parts is refused, with the advice to use more shards", async () => {
    let parts = 0;
    const client = {
      config: { requestChecksumCalculation: "WHEN_REQUIRED" },
      send: async (command: { readonly input: { readonly PartNumber?: number } }) => {
        parts = Math.max(parts, command.input.PartNumber ?? 0);
        return { UploadId: "upload", ETag: "etag" };
      },
    };
    const file = await new S3Storage({ client, bucket: "b", partSize: PART }).create("a");
    const error = await rejection(
      (async () => {
        const part = bytes(PART);
        for (let n = 0; n <= 10_001; n++) await file.write([part]);
        // Parts are sent in the background, so the last one fails here.
        await file.prepare?.();
      })(),
    );
    expect(error).toMatchObject({ kind: "ResourceExhaustedError", message: expect.stringContaining("more shards") });
    expect(parts).toBe(10_000);
  });

  it("checksums are sent, are CRC-32C, and are left out if the client is told so", async () => {
    await write("a", bytes(100));
    expect(fake.requests.at(-1)?.headers).toHaveProperty("x-amz-checksum-crc32c");
    expect(fake.requests.at(-1)?.headers).not.toHaveProperty("x-amz-checksum-crc32");
    storage = make({ client: fake.client({ requestChecksumCalculation: "WHEN_REQUIRED" }) });
    for (const length of [100, PART + 1]) {
      fake.reset();
      await write("a", bytes(length));
      for (const { headers } of fake.requests)
        expect(Object.keys(headers).filter((name) => /^x-amz-(checksum|sdk-checksum)/.test(name))).toEqual([]);
    }
  });

  it("objects above 5 GiB are renamed in parts", async () => {
    await write("a", bytes(100));
    const size = 6 * 2 ** 30;
    const client = fake.client();
    client.middlewareStack.add((next, context) => async (args) => {
      const result = await next(args);
      if (context.commandName === "HeadObjectCommand")
        (result.output as unknown as { ContentLength: number }).ContentLength = size;
      return result;
    });
    storage = new S3Storage({ client, bucket: `faults-${buckets}` });
    fake.reset();
    await storage.rename("a", "b");
    const copies = fake.requests.filter(({ name }) => name === "UploadPartCopy");
    expect(copies.map(({ headers }) => headers["x-amz-copy-source-range"]).at(-1)).toBe(
      `bytes=${size - 2 ** 29}-${size - 1}`,
    );
    expect(copies).toHaveLength(12);
    expect(await readFile(storage, "b").catch(() => undefined)).toBeDefined();
  });
});

describe("paths", () => {
  it.each([
    ["../x", "UnimplementedError"],
    ["d/../../x", "UnimplementedError"],
    ["gs://bucket/x", "UnimplementedError"],
    ["s3://other/pre/x", "UnimplementedError"],
    ["s3://bucket/x", "UnimplementedError"],
    ["s3://bucket/pre/../x", "UnimplementedError"],
    ["s3://bucket/prefix/x", "UnimplementedError"],
    ["a\0b", "InvalidArgumentError"],
    ["a\ud800", "InvalidArgumentError"],
  ])("%j leads nowhere: %s, without a request", async (path, kind) => {
    storage = new S3Storage({ client: fake.client(), bucket: "bucket", prefix: "pre" });
    const calls = [
      () => storage.open(path),
      () => storage.create(path),
      () => storage.stat(path),
      () => storage.list(path),
      () => storage.rename("a", path),
      () => storage.remove(path),
      () => storage.get(path),
      () => storage.put(path, bytes(1)),
      () => storage.unfinished.list(path),
      () => storage.unfinished.finish(path, NO_UPLOAD),
      () => storage.unfinished.stateOf(path, NO_UPLOAD),
    ];
    for (const call of calls) expect(await rejection(call())).toMatchObject({ kind, path });
    expect(fake.log).toEqual([]);
  });

  it("s3://bucket/prefix/x, /x and x are one file", async () => {
    storage = new S3Storage({ client: fake.client(), bucket: "bucket", prefix: "/pre/" });
    await write("x", bytes(5));
    for (const path of ["x", "/x", "./x", "s3://bucket/pre/x", "S3://bucket/pre//x"]) {
      expect(await readFile(storage, path)).toEqual(bytes(5));
      expect(await storage.canonical(path)).toBe("s3://bucket/pre/x");
    }
  });
});

it("options out of range are refused", () => {
  const client = fake.client();
  const make = (options: object) => () => new S3Storage({ client, bucket: "b", ...options });
  expect(make({ partSize: 1000 })).toThrow("partSize must be a whole number from 5242880");
  expect(make({ concurrency: 0 })).toThrow("concurrency must be");
  expect(make({ timeoutMs: 0 })).toThrow("timeoutMs must be");
  expect(make({ bucket: "a/b" })).toThrow("'a/b' is not the name of a bucket");
  expect(make({ prefix: "../x" })).toThrow("leads above the bucket");
  expect(make({ partsize: 1 })).toThrow("no option 'partsize'");
});
