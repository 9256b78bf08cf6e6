import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { importMetaGraph } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePipe } from "../../../../fixtures/pipe.js";
import { runInOwnProcess } from "../../../../tests/own-process.js";
import { errorOf, smallModel, valuesOf } from "../model.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-schemes-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const storage = new NodeStorage();

describe("file:// (TensorFlow's testSaveToURI)", () => {
  it("saves, restores and names the checkpoint in the state file, and returns the path as it was given", async () => {
    const { saver, session, a, b } = await smallModel({ storage, createDirectories: true, maxToKeep: 2 });
    const url = `file://${root}/run/m`;
    for (const globalStep of [1, 2, 3])
      expect(await saver.save(session, url, { globalStep })).toBe(`${url}-${globalStep}`);
    expect(saver.lastCheckpoints).toEqual([`${url}-2`, `${url}-3`]);
    expect(readFileSync(join(root, "run/checkpoint"), "utf8")).toBe(
      'model_checkpoint_path: "m-3"\nall_model_checkpoint_paths: "m-2"\nall_model_checkpoint_paths: "m-3"\n',
    );
    expect(readdirSync(join(root, "run")).filter((name) => name.endsWith(".index"))).toEqual([
      "m-2.index",
      "m-3.index",
    ]);
    expect(await latestCheckpoint(`file://${root}/run`)).toBe(`${url}-3`);
    expect(await latestCheckpoint(`${root}/run`)).toBe(`${root}/run/m-3`);

    const other = new LocalSession(session.graph, { storage });
    await saver.restore(other, `${url}-3`);
    expect(await valuesOf(other, [a, b])).toEqual([[1, 2], 3]);
    expect(await importMetaGraph(`${url}-3.meta`)).toBeDefined();
  });
});

describe.each(["gs://b/m", "s3://b/d/m", "hdfs://h/m"])("%s on the local storage", (path) => {
  const scheme = path.slice(0, path.indexOf(":"));
  const refused = {
    kind: "UnimplementedError",
    message: expect.stringContaining(`pass a \`storage\` for ${scheme}://`),
  };

  it.each([{}, { createDirectories: true }, { writeVersion: 1 }, { sharded: true }, { recover: true }])(
    "is refused by save with %o, and leaves nothing",
    async (options) => {
      const { saver, session } = await smallModel({ storage, ...options });
      expect(await errorOf(() => saver.save(session, path, { globalStep: 1 }))).toMatchObject(refused);
      expect(await errorOf(() => saver.save(session, path))).toMatchObject(refused);
      expect(existsSync(`${scheme}:`)).toBe(false);
      expect(saver.lastCheckpoints).toEqual([]);
    },
  );

  it("is refused by restore, importMetaGraph and latestCheckpoint", async () => {
    const { saver, session } = await smallModel({ storage });
    expect(await errorOf(() => saver.restore(session, path))).toMatchObject(refused);
    expect(await errorOf(() => importMetaGraph(`${path}.meta`))).toMatchObject(refused);
    expect(await errorOf(() => latestCheckpoint(path))).toMatchObject(refused);
  });
});

/** Opens a checkpoint, restores it and looks for the newest one, and prints the errors. */
const READ = `
  import { latestCheckpoint } from "@tfsaver/checkpoint-state";
  import { openCheckpoint } from "@tfsaver/checkpoint-reader";
  import { importMetaGraph, loadCheckpoint } from "@tfsaver/saver";

  const { folder, prefix } = input;
  const calls = [
    () => latestCheckpoint(folder),
    () => openCheckpoint(prefix),
    () => openCheckpoint(prefix).then((reader) => reader.get("a")),
    () => loadCheckpoint(prefix),
    () => importMetaGraph(prefix + ".meta"),
  ];
  for (const call of calls) console.log(await call().then(() => "fine", (error) => error.kind + ": " + error.message.split("\\n")[0]));
`;

describe.skipIf(process.platform === "win32")("a pipe in the place of a file", () => {
  it.each(["checkpoint", "m.index", "m.data-00000-of-00001", "m.meta", "m"])(
    "is an error at once, as %s",
    async (name) => {
      const { saver, session } = await smallModel({ storage });
      await saver.save(session, join(root, "m"));
      for (const link of [false, true]) {
        rmSync(join(root, name), { force: true });
        rmSync(join(root, "pipe"), { force: true });
        makePipe(join(root, link ? "pipe" : name));
        if (link) symlinkSync("pipe", join(root, name));
        if (name === "m") rmSync(join(root, "m.index"), { force: true });
        const lines = await runInOwnProcess(READ, { folder: root, prefix: join(root, "m") });
        expect(lines).toContain(`${join(root, name)} is a pipe, socket or device, not a regular file`);
      }
    },
  );
});
