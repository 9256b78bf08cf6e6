import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { FileServer } from "../../../tools/bench/file-server.js";
import { tfckpt } from "./run-cli.js";

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

  it("names the URL of a checkpoint that does not exist, and writes to none", async () => {
    const { code, stderr } = await tfckpt(["ls", `${server.url}none`]);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`No checkpoint at ${server.url}none`)]);
    const written = await tfckpt(["convert", folder, `${server.url}new`]);
    expect(written).toMatchObject({ code: expect.toSatisfy((code) => code !== 0), stdout: "" });
  });
});
