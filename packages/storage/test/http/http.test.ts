import { NotFoundError } from "@tfsaver/core";
import { glob, readFile } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import { describe, expect, it } from "vitest";

/** A `fetch` that always answers with one byte, and the requests that it received. */
function recorder(headers: Record<string, string> = {}) {
  const requests: { readonly url: string; readonly init: RequestInit }[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    requests.push({ url, init });
    return new Response(Uint8Array.of(7), { status: 206, headers: { "Content-Range": "bytes 0-0/1", ...headers } });
  };
  return { requests, fetch };
}

describe("the URL of a path", () => {
  it.each([
    ["model.ckpt-1.index", "https://h.example/run/model.ckpt-1.index"],
    ["/model", "https://h.example/run/model"],
    ["./a//b/../c", "https://h.example/run/a/c"],
    ["a b#c?d%e&f=g+h;i:j@k", "https://h.example/run/a%20b%23c%3Fd%25e%26f%3Dg%2Bh%3Bi%3Aj%40k"],
    ["é漢🎉", "https://h.example/run/%C3%A9%E6%BC%A2%F0%9F%8E%89"],
    ["%2e%2e/x", "https://h.example/run/%252e%252e/x"],
    ["a\\b", "https://h.example/run/a%5Cb"],
    ["https://evil.example/x", "https://h.example/run/https%3A/evil.example/x"],
    ["//evil.example/x", "https://h.example/run/evil.example/x"],
  ])("%s is %s", async (path, url) => {
    const { requests, fetch } = recorder();
    await readFile(new HttpStorage("https://h.example/run", { fetch }), path);
    expect(requests.map((request) => request.url)).toEqual([url]);
  });

  it.each(["../x", "a/../../x", "", ".", "/", "a/", "a\ud800"])(
    "of %j does not exist: nothing can be there",
    async (path) => {
      const { requests, fetch } = recorder();
      const storage = new HttpStorage("https://h.example/run/", { fetch });
      await expect(storage.stat(path)).resolves.toBeUndefined();
      await expect(storage.open(path)).rejects.toThrow(NotFoundError);
      expect(requests).toEqual([]);
    },
  );

  it("keeps the query of the base, and hides it in errors", async () => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return new Response(null, { status: 403 });
    };
    const storage = new HttpStorage(new URL("https://h.example/run?sig=SECRET#x"), { fetch });
    const error: Error = await storage.open("a").catch((thrown) => thrown);
    expect(urls).toEqual(["https://h.example/run/a?sig=SECRET"]);
    expect(error.message).toContain("a: HTTP 403 from https://h.example/run/a. ");
    expect(error.message).not.toContain("SECRET");
  });

  it("requires a valid base", () => {
    expect(() => new HttpStorage("https://")).toThrow("Not a base URL: https://");
  });
});

describe("a custom fetch", () => {
  it("receives plain URLs, the headers and the signal", async () => {
    const { requests, fetch } = recorder();
    const { signal } = new AbortController();
    await new HttpStorage("https://h.example", { fetch, headers: [["X-Token", "t"]] }).open("a", { signal });
    const [request] = requests;
    expect(request?.init).toMatchObject({ method: "GET", signal });
    const headers = new Headers(request?.init.headers);
    expect([headers.get("X-Token"), headers.get("Range")]).toEqual(["t", "bytes=0-65535"]);
  });

  it("may throw an error of this library; others become the cause of an UnavailableError", async () => {
    const failing = (error: Error) => new HttpStorage("https://h.example", { fetch: () => Promise.reject(error) });
    const ours = new NotFoundError("mine");
    await expect(failing(ours).open("a")).rejects.toBe(ours);
    const cause = new TypeError("fetch failed");
    await expect(failing(cause).open("a")).rejects.toMatchObject({ kind: "UnavailableError", path: "a", cause });
  });
});

describe("the time of the last change", () => {
  it.each([
    ["Tue, 05 May 2026 10:00:00 GMT", Date.UTC(2026, 4, 5, 10)],
    ["yesterday", 0],
  ])("%s is %i", async (lastModified, modifiedMs) => {
    const { fetch } = recorder({ "Last-Modified": lastModified });
    expect(await new HttpStorage("https://h.example", { fetch }).stat("a")).toEqual({
      kind: "file",
      size: 1,
      modifiedMs,
    });
  });
});

it("cannot list, which only patterns need", async () => {
  const storage = new HttpStorage("https://h.example", { fetch: recorder().fetch });
  await expect(storage.list("a")).rejects.toMatchObject({ kind: "UnimplementedError", path: "a" });
  await expect(glob(storage, "run/model")).resolves.toEqual(["run/model"]);
  await expect(glob(storage, "run/model-*")).rejects.toMatchObject({ kind: "UnimplementedError", path: "run" });
});

it("declares its capabilities", () => {
  expect(new HttpStorage("https://h.example").capabilities).toEqual({
    atomicRename: false,
    atomicPut: false,
    exclusiveCreate: false,
    fsync: false,
    rangeReads: true,
  });
});
