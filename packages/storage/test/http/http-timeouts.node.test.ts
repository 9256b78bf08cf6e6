import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { glob, readFile } from "@tfsaver/storage";
import { HttpStorage, type HttpStorageOptions } from "@tfsaver/storage/http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rejection } from "../../../../fixtures/rejection.js";

const SIZE = 20_000;

/** What a server does with each path; all of them have a file of the same size. */
const behaviors: Readonly<Record<string, RequestListener>> = {
  "/silent": () => undefined,
  "/stalls": (_, response) => void begin(response).write("x"),
  "/headers-alone": (_, response) => begin(response).flushHeaders(),
  "/drips": (_, response) => every(20, () => begin(response).write("x"), response),
  "/slow-but-steady": (_, response) => every(25, () => begin(response).write("x".repeat(500)), response),
  "/small-drips": (_, response) => {
    let left = 10;
    response.writeHead(206, { "Content-Range": "bytes 0-9/10", "Content-Length": 10 });
    every(20, () => void (left-- > 0 && response.write("x")), response);
  },
};

type Response = Parameters<RequestListener>[1];

function begin(response: Response): Response {
  if (!response.headersSent) {
    response.writeHead(206, { "Content-Range": `bytes 0-${SIZE - 1}/${SIZE}`, "Content-Length": SIZE });
  }
  return response;
}

function every(ms: number, act: () => void, response: Response): void {
  const timer = setInterval(act, ms);
  response.once("close", () => clearInterval(timer));
}

let server: Server;
let url: string;
/** Requests that the client has neither given up nor received. */
let pending: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    pending++;
    response.once("close", () => pending--);
    behaviors[request.url ?? ""]?.(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  pending = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const read = (path: string, options: HttpStorageOptions) => readFile(new HttpStorage(url, options), path);

describe("a server that", () => {
  it("never answers is given up after connectTimeoutMs, by open, stat and glob", async () => {
    const storage = new HttpStorage(url, { connectTimeoutMs: 100 });
    for (const call of [() => storage.open("silent"), () => storage.stat("silent"), () => glob(storage, "silent")]) {
      const error = await rejection(call());
      expect(error).toMatchObject({ kind: "UnavailableError", path: "silent" });
      expect(error.message).toContain(`silent: no answer from ${url}/silent within 100 ms (connectTimeoutMs)`);
    }
    await expect.poll(() => pending).toBe(0);
  });

  it.each(["stalls", "headers-alone"])("%s is given up after idleTimeoutMs", async (path) => {
    const error = await rejection(read(path, { idleTimeoutMs: 100 }));
    expect(error).toMatchObject({ kind: "UnavailableError", path });
    expect(error.message).toContain(`${path}: ${url}/${path} sent nothing for 100 ms (idleTimeoutMs: 100)`);
    await expect.poll(() => pending).toBe(0);
  });

  it("drips for ever is given up after five times idleTimeoutMs", async () => {
    const error = await rejection(read("drips", { idleTimeoutMs: 100 }));
    expect(error).toMatchObject({ kind: "UnavailableError", path: "drips" });
    expect(error.message).toMatch(/drips: http:.*\/drips sent only \d\d? bytes in 500 ms \(idleTimeoutMs: 100\)/);
    await expect.poll(() => pending).toBe(0);
  });

  it("is slow but steady may take longer than any of the limits", async () => {
    const limits = { connectTimeoutMs: 800, idleTimeoutMs: 800 };
    expect((await read("slow-but-steady", limits)).length).toBe(SIZE);
    expect((await read("small-drips", limits)).length).toBe(10);
  });
});

describe("the limits", () => {
  it("hold for a fetch that does not heed its signal, whose late answer is discarded", async () => {
    let canceled = false;
    const body = new ReadableStream({
      cancel: () => {
        canceled = true;
      },
    });
    let signal: AbortSignal | null | undefined;
    const late = async (_: string, init: RequestInit) => {
      signal = init.signal;
      await new Promise((done) => setTimeout(done, 50));
      return new Response(body, { status: 206, headers: { "Content-Range": "bytes 0-9/10" } });
    };
    await expect(read("m", { fetch: late, connectTimeoutMs: 10 })).rejects.toMatchObject({ kind: "UnavailableError" });
    expect(signal?.aborted).toBe(true);
    await expect.poll(() => canceled).toBe(true);
  });

  it("may be left out by Infinity, and must be positive", async () => {
    const none = { connectTimeoutMs: Number.POSITIVE_INFINITY, idleTimeoutMs: Number.POSITIVE_INFINITY };
    expect((await read("slow-but-steady", none)).length).toBe(SIZE);
    for (const name of ["connectTimeoutMs", "idleTimeoutMs"]) {
      for (const ms of [0, -1, Number.NaN]) {
        const create = () => new HttpStorage(url, { [name]: ms });
        expect(create).toThrow(`${name} must be a positive number of milliseconds, not ${ms}`);
      }
    }
  });
});
