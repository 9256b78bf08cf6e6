import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { tensorStrings } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { expect, test } from "vitest";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";
import { filesIn } from "../../../fixtures/storage-files.js";
import { LocalSession } from "../src/index.js";
import { importMetaFile } from "./meta-files.js";

/** The common beginning of a checkpoint's file names. */
const stemOf = (path: string) => path.replace(/-\?{5}-of-\d{5}$/, "");

const withGraph = goldenCheckpoints().filter(({ path }) => existsSync(`${stemOf(path)}.meta`));

/** The checkpoint's files, without its graph. */
function filesOf(path: string): string[] {
  const stem = basename(stemOf(path));
  const isOurs = (name: string) =>
    name.startsWith(stem) && /^(|\.index|\.data-.*|-\d{5}-of-\d{5})$/.test(name.slice(stem.length));
  return readdirSync(dirname(path)).filter(isOurs);
}

test.for(withGraph.map((golden) => [`${golden.folder}/${golden.prefix}`, golden] as const))(
  "the graph of %s restores its checkpoint and saves it again with TensorFlow's bytes",
  async ([, { path }]) => {
    const storage = new MemoryStorage();
    await storage.createDirectory("golden");
    await storage.createDirectory("saved");
    const files = filesOf(path);
    for (const name of files) {
      const file = await storage.create(`golden/${name}`);
      await file.write([readFileSync(`${dirname(path)}/${name}`)]);
      await file.close();
    }
    const { graph, saverDef } = importMetaFile(`${stemOf(path)}.meta`);
    const { filenameTensorName = "", saveTensorName = "", restoreOpName = "" } = saverDef ?? {};
    const session = new LocalSession(graph, { storage });
    await session.run(restoreOpName, { [filenameTensorName]: `golden/${basename(path)}` });
    const saved = await session.run(`${saveTensorName as "x:0"}`, {
      [filenameTensorName]: `saved/${basename(stemOf(path))}`,
    });
    expect(new TextDecoder().decode(tensorStrings(saved)[0])).toBe(`saved/${basename(path)}`);
    expect(await filesIn(storage, "saved")).toEqual(files.sort());
    for (const name of files) {
      const [ours, theirs] = [await readFile(storage, `saved/${name}`), await readFile(storage, `golden/${name}`)];
      expect(Buffer.compare(ours, theirs), name).toBe(0);
    }
  },
);
