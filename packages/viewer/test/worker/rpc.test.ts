import { DataLossError, isCheckpointError } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { afterEach, describe, expect, it } from "vitest";
import { type Calls, connect, type Handlers, serve, transferring } from "../../src/rpc/index.js";
import { CountedStorage } from "../../src/storage/counted-storage.js";
import { RemoteStorage } from "../../src/storage/remote-storage.js";
import { serveStorages } from "../../src/storage/serve-storages.js";
import type { StorageContract } from "../../src/storage/storage-contract.js";

interface Contract {
  echo(request: { readonly text: string }): string;
  fail(request: { readonly path: string }): never;
  bytes(request: { readonly length: number }): Uint8Array;
  work(request: { readonly steps: number }): number;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function channel(): MessageChannel {
  const made = new MessageChannel();
  ports.push(made.port1, made.port2);
  return made;
}

function started(handlers: Partial<Handlers<Contract>>): Calls<Contract> {
  const { port1, port2 } = channel();
  serve<Contract>(port1, handlers as Handlers<Contract>);
  return connect<Contract>(port2);
}

describe("a call", () => {
  it("returns what the other side returns, and several at a time do not mix", async () => {
    const calls = started({ echo: async ({ text }) => `${text}!` });
    const all = await Promise.all(["a", "b", "c"].map((text) => calls.echo({ text })));
    expect(all).toEqual(["a!", "b!", "c!"]);
  });

  it("throws the error of the other side, of the same kind and about the same file", async () => {
    const calls = started({
      fail: async ({ path }) => {
        throw new DataLossError(`${path} is damaged`, { path, offset: 7, tensor: "t" });
      },
    });
    const error = await calls.fail({ path: "m.index" }).catch((caught: unknown) => caught);
    expect(isCheckpointError(error, "DataLossError")).toBe(true);
    expect(error).toMatchObject({ message: "m.index is damaged", path: "m.index", offset: 7, tensor: "t" });
  });

  it("of a method that does not exist is an error", async () => {
    const calls = started({}) as Calls<Contract> & { toString: unknown; missing(request: object): Promise<void> };
    await expect(calls.missing({})).rejects.toThrow("There is no method missing");
  });

  it("hands over buffers without a copy", async () => {
    let kept: Uint8Array | undefined;
    const calls = started({
      bytes: async ({ length }) => {
        kept = new Uint8Array(length).fill(5);
        return transferring(kept, [kept.buffer]);
      },
    });
    expect((await calls.bytes({ length: 4 })).length).toBe(4);
    expect(kept?.length).toBe(0);
  });

  it("reports progress, and stops when its signal is aborted", async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    let stopped = false;
    const calls = started({
      work: ({ steps }, { signal, onProgress }) =>
        new Promise((resolve, reject) => {
          onProgress({ done: 1, total: steps, tensor: "" });
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(new Error("stopped"));
          });
          if (steps === 0) resolve(0);
        }),
    });
    const work = calls.work(
      { steps: 3 },
      {
        signal: abort.signal,
        onProgress: ({ done }) => {
          seen.push(done);
          abort.abort();
        },
      },
    );
    await expect(work).rejects.toMatchObject({ kind: "CancelledError" });
    await expect.poll(() => stopped).toBe(true);
    expect(seen).toEqual([1]);
    await expect(calls.work({ steps: 3 }, { signal: abort.signal })).rejects.toMatchObject({ kind: "CancelledError" });
  });
});

describe("a storage of the page", () => {
  async function remote() {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    const file = await storage.create("run/m");
    await file.write([Uint8Array.of(0, 1, 2, 3, 4, 5)]);
    await file.close();
    const costs: [number, number][] = [];
    const { port1, port2 } = channel();
    serveStorages(port1, () => new CountedStorage(storage, (...cost) => costs.push(cost)));
    return { storage: new RemoteStorage(connect<StorageContract>(port2), 0), costs };
  }

  it("is read in the worker, and counts what is read", async () => {
    const { storage, costs } = await remote();
    expect(await readFile(storage, "run/m")).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5));
    expect((await storage.list("run")).map(({ name }) => name)).toEqual(["m"]);
    expect(await storage.stat("run/missing")).toBeUndefined();
    expect(costs.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(6);
  });

  it("fills several targets with one request, and refuses what is beyond the end before memory is made", async () => {
    const { storage, costs } = await remote();
    const file = await storage.open("run/m");
    const targets = [new Uint8Array(2), new Uint8Array(0), new Uint8Array(3)];
    await file.readInto(1, targets);
    expect(targets.map((target) => [...target])).toEqual([[1, 2], [], [3, 4, 5]]);
    expect(costs.filter(([, bytes]) => bytes > 0)).toEqual([[1, 5]]);
    await expect(file.readInto(0, [new Uint8Array(7)])).rejects.toMatchObject({ kind: "OutOfRangeError" });
    await file.close();
  });

  it("can't be written", async () => {
    const { storage } = await remote();
    await expect(storage.create("run/new")).rejects.toMatchObject({ kind: "UnimplementedError" });
  });
});
