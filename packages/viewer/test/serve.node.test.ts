import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStorage } from "@tfsaver/storage";
import { type ServedViewer, serveViewer } from "@tfsaver/viewer/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let top: string;
let viewer: ServedViewer;
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), "serve-viewer-"));
  const folder = join(top, "run");
  mkdirSync(join(folder, "inner"), { recursive: true });
  writeFileSync(join(top, "secret"), "secret");
  writeFileSync(join(folder, "model.index"), "0123456789");
  symlinkSync("../secret", join(folder, "link"));
  symlinkSync("../..", join(folder, "inner", "up"));
  symlinkSync("model.index", join(folder, "inside"));
  viewer = await serveViewer(folder);
});
afterAll(async () => {
  await viewer.close();
  rmSync(top, { recursive: true });
});

/** Sends a request whose path is not tidied up, as that of `fetch` is. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  const { port, pathname } = new URL(viewer.url);
  return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      path: path.replace("TOKEN", pathname.split("/")[1] as string),
      headers,
      method,
    };
    const sent = request(options, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on("error", reject).end();
  });
}

describe("the server of a viewer", () => {
  it("sends files and ranges of them", async () => {
    expect(await get("/TOKEN/files/model.index")).toMatchObject({ status: 200, text: "0123456789" });
    const part = await get("/TOKEN/files/model.index", { Range: "bytes=2-4" });
    expect(part).toMatchObject({ status: 206, text: "234", headers: { "content-range": "bytes 2-4/10" } });
    expect(await get("/TOKEN/files/model.index", { Range: "bytes=-3" })).toMatchObject({ status: 206, text: "789" });
    expect(await get("/TOKEN/files/model.index", { Range: "bytes=10-" })).toMatchObject({ status: 416 });
  });

  it("lists folders and describes files", async () => {
    const names = (JSON.parse((await get("/TOKEN/list/")).text) as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(["inner", "inside", "link", "model.index"]);
    expect(JSON.parse((await get("/TOKEN/stat/model.index")).text)).toMatchObject({ kind: "file", size: 10 });
    expect((await get("/TOKEN/stat/missing")).text).toBe("null");
  });

  it.each([
    "/TOKEN/files/../secret",
    "/TOKEN/files/%2e%2e/secret",
    "/TOKEN/files/..%2fsecret",
    "/TOKEN/files/link",
    "/TOKEN/files/inner/up/secret",
    "/TOKEN/files//etc/passwd",
    "/TOKEN/files/%2Fetc%2Fpasswd",
    "/TOKEN/list/inner/up",
    "/TOKEN/stat/link",
    "/TOKEN/../../secret",
    "/TOKEN/assets/..%2f..%2fpackage.json",
  ])("serves nothing outside of the folder: %s", async (path) => {
    const { status, text } = await get(path);
    expect([403, 404]).toContain(status);
    expect(text).not.toContain("root:");
    expect(text).not.toBe("secret");
  });

  it("follows a link that stays inside", async () => {
    expect(await get("/TOKEN/files/inside")).toMatchObject({ status: 200, text: "0123456789" });
  });

  it("answers nothing without its secret, to another host, and to other methods", async () => {
    expect((await get("/files/model.index")).status).toBe(404);
    expect((await get("/x/files/model.index")).status).toBe(404);
    expect((await get("/TOKEN/files/model.index", { Host: "evil.example" })).status).toBe(421);
    expect((await get("/TOKEN/files/model.index", {}, "POST")).status).toBe(405);
    expect((await get("/TOKEN/files/model.index", {}, "DELETE")).status).toBe(405);
  });

  it("sends no file to other pages, and keeps none", async () => {
    expect((await get("/TOKEN/files/model.index")).headers).toMatchObject({
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
  });

  it("serves the files of any storage", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/run");
    const file = await storage.create("/run/m.index");
    await file.write([new TextEncoder().encode("bytes")]);
    await file.close();
    const served = await serveViewer("/run/m", { storage });
    expect(served.url).toContain("?served=m");
    expect(await (await fetch(new URL("files/m.index", served.url))).text()).toBe("bytes");
    await served.close();
  });

  it("ends, and says that a folder is missing", async () => {
    await expect(serveViewer(join(top, "missing/model"))).rejects.toThrow("There is no folder");
  });
});
