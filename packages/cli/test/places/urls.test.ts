import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { FileServer } from "../../../../tools/bench/file-server.js";
import { tfckpt } from "../run-cli.js";

const folder = `${goldensFolder}v2-with-meta`;

describe("URLs of checkpoints", () => {
  let server: FileServer;
  beforeAll(async () => {
    server = await FileServer.start(folder);
  });
  afterAll(() => server.close());

  it.each(["model.ckpt-7", "model.ckpt-7.index", "model.ckpt-7.data-00000-of-00001", "checkpoint", ""])(
    "reads …/%s as the file of the same name",
    async (name) => {
      const local = await tfckpt(["ls", `${folder}/${name}`]);
      expect(await tfckpt(["ls", server.url + name])).toEqual({ ...local, code: 0 });
      const digests = await tfckpt(["digest", server.url + name]);
      expect(digests).toEqual(await tfckpt(["digest", folder]));
    },
  );

  it("edits what lies on a server into a local checkpoint, and merges from there", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "tfckpt-urls-"));
    const [one, both] = [join(temporary, "one"), join(temporary, "both")];
    const made = await tfckpt(["edit", server.url, one, "--keep", "dense2/*", "--drop-optimizer"]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const merged = await tfckpt(["edit", one, both, "--add-scope", "x", "--merge", `${server.url}model.ckpt-7`]);
    expect(merged).toMatchObject({ code: 0, stdout: expect.stringContaining("both: 17 tensors") });
    rmSync(temporary, { recursive: true });
  });

  it("reads a folder without a slash at the end, and says that a query can't be used, or why no server answers", async () => {
    const root = await FileServer.start(goldensFolder);
    const found = await tfckpt(["ls", `${root.url}v2-with-meta`]);
    expect(found).toEqual(await tfckpt(["ls", folder]));
    const { code, stderr } = await tfckpt(["ls", `${root.url}v2-with-meta/model.ckpt-7?raw=true`]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("neither a query nor a name and password")]);
    await root.close();
    const silent = await tfckpt(["ls", `${root.url}v2-with-meta`]);
    expect(silent).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/: [^:]*(?:ECONNREFUSED|other side closed)/),
    });
  });

  it("names the URL of a checkpoint that does not exist", async () => {
    const { code, stderr } = await tfckpt(["ls", `${server.url}none`]);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`No checkpoint at ${server.url}none`)]);
  });
});

describe("URLs of other formats", () => {
  let temporary: string;
  let server: FileServer;
  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), "tfckpt-urls-"));
    cpSync(fileURLToPath(new URL("../../../../fixtures/keras", import.meta.url)), temporary, { recursive: true });
    server = await FileServer.start(temporary);
  });
  afterAll(async () => {
    await server.close();
    rmSync(temporary, { recursive: true });
  });

  it.each([
    ["a V2 checkpoint in shards", "m", ["--shards", "2"], "m"],
    ["a V1 checkpoint", "old", ["--version", "v1"], "old"],
    ["safetensors", "m.safetensors", [], "m.safetensors"],
    ["safetensors in shards", "s.safetensors", ["--shards", "3"], "s.safetensors.index.json"],
    ["an archive of NumPy", "m.npz", [], "m.npz"],
    ["weights of TensorFlow.js", "model.json", ["--drop-unsupported", "--shards", "2"], "model.json"],
  ])("%s is converted to a local checkpoint and to a local file", async (_, name, options, toOpen) => {
    expect(await tfckpt(["convert", folder, join(temporary, name), ...options])).toMatchObject({ code: 0 });
    await expectSame(toOpen, "");
    await expectSame(toOpen, ".safetensors");
  });

  it.each(["small.keras", "small.weights.h5", "sharded/small.weights.json"])("%s of Keras is", (name) =>
    expectSame(name, ".safetensors"),
  );

  /** Converts what a URL names, and the local file of the same name, and compares them. */
  async function expectSame(name: string, ending: "" | ".safetensors"): Promise<void> {
    const contents = new Set<string>();
    for (const [place, root] of [
      ["local", `${temporary}/`],
      ["served", server.url],
    ]) {
      const destination = join(temporary, `${name.replace(/\W/g, "-")}-${place}${ending}`);
      const made = await tfckpt(["convert", `${root}${name}`, destination]);
      expect([made.code, made.stderr]).toEqual([0, ""]);
      if (ending === "") contents.add((await tfckpt(["digest", destination])).stdout);
      else contents.add(readFileSync(destination).toString("base64"));
    }
    expect(contents.size).toBe(1);
  }

  it.each(["none.safetensors", "none.npz", "none-model.json", "none.keras", "none.weights.json"])(
    "%s that does not exist is named by its URL",
    async (name) => {
      const { code, stderr } = await tfckpt(["convert", server.url + name, join(temporary, "x")]);
      expect([code, stderr]).toEqual([3, expect.stringContaining(server.url + name)]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    },
  );

  it("a damaged file is named by its URL", async () => {
    writeFileSync(join(temporary, "damaged.safetensors"), "0123456789");
    const { code, stderr } = await tfckpt(["convert", `${server.url}damaged.safetensors`, join(temporary, "x")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${server.url}damaged.safetensors`)]);
  });
});

describe("a URL as a destination", () => {
  const [prefix, url] = [`${folder}/model.ckpt-7`, "https://example.com/x"];
  it.each([
    ["convert", folder, url],
    ["convert", folder, `${url}.safetensors`, "--force"],
    ["convert", folder, `${url}.npz`, "--dry-run"],
    ["edit", folder, url, "--drop-optimizer"],
    ["average", prefix, prefix, url],
    ["freeze", `${prefix}.meta`, url, "--outputs", "dense2/kernel/read"],
    ["cat", folder, "global_step", "-o", url],
    ["clean", url],
    ["prune", url, "--keep-latest", "1", "--yes"],
    ["repair-state", url],
  ])("of %s is refused at once: it is only read", async (...args) => {
    const { code, stdout, stderr } = await tfckpt(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^tfckpt: https:.* is a URL, which is only read: give a path of this machine to write to\n$/,
    );
  });
});
