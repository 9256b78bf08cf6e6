import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * Windows' paths, simulated: programs there write `\` between names, and drives before them. Files are in memory, because the
 * file system of this machine has other rules.
 */

const platform = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
beforeAll(() => void Object.defineProperty(process, "platform", { ...platform, value: "win32" }));
afterAll(() => void Object.defineProperty(process, "platform", platform));

const {
  MemoryStorage,
  basename,
  createDirectories,
  dirname,
  escapeGlob,
  isAbsolutePath,
  isPattern,
  joinPath,
  normalizePath,
  readFile,
  relativePath,
} = await import("@tfsaver/storage");
const {
  CheckpointManager,
  Checkpoint,
  Graph,
  HostVariable,
  LocalSession,
  Saver,
  Variable,
  convertCheckpoint,
  findDebris,
  latestCheckpoint,
  listCheckpoints,
  importMetaGraph,
  openCheckpoint,
  removeCheckpoint,
  resolveCheckpoint,
  verifyCheckpoint,
  checkpointExists,
} = await import("tfsaver");

async function names(storage: InstanceType<typeof MemoryStorage>, folder: string): Promise<string[]> {
  return (await storage.list(folder)).map(({ name }) => name).sort();
}

function model() {
  const graph = new Graph();
  const weights = Variable.create([1, 2], { graph, name: "w" });
  return { graph, weights };
}

describe("functions of paths on Windows", () => {
  it("take backslashes and slashes", () => {
    expect(dirname("C:\\run\\m")).toBe("C:/run");
    expect(dirname("C:\\m")).toBe("C:");
    expect(basename("run\\m-1")).toBe("m-1");
    expect(joinPath("C:\\run", "checkpoint")).toBe("C:/run/checkpoint");
    expect(joinPath("C:\\run\\", "a\\b")).toBe("C:/run/a/b");
    expect(joinPath("run", "\\\\server\\share\\m")).toBe("//server/share/m");
    expect(normalizePath("C:\\run\\.\\x\\..\\m")).toBe("C:/run/m");
    expect(relativePath("C:\\run\\m", "C:\\run")).toBe("m");
    expect(["C:\\m", "C:/m", "\\\\server\\m", "m\\n"].map(isAbsolutePath)).toEqual([true, true, true, false]);
  });

  it("do not take a backslash for an escape in a path", () => {
    expect(isPattern("C:\\run\\m")).toBe(false);
    expect(escapeGlob("C:\\run\\m[1]")).toBe("C:/run/m\\[1\\]");
  });
});

describe.each(["C:\\data\\run", "run\\one", "\\\\server\\share\\run", "C:/data/run"])("checkpoints in %s", (folder) => {
  it("are saved, found, restored, listed and removed", async () => {
    const storage = new MemoryStorage();
    const { graph, weights } = model();
    const saver = new Saver({ graph, maxToKeep: 2, storage, createDirectories: true });
    const session = new LocalSession(graph, { storage });
    await session.run(weights.initializer);
    for (let step = 1; step <= 3; step++) await saver.save(session, `${folder}\\m`, { globalStep: step });

    expect(await names(storage, folder)).toEqual(
      ["2", "3"]
        .flatMap((n) => [`m-${n}.data-00000-of-00001`, `m-${n}.index`, `m-${n}.meta`])
        .concat("checkpoint")
        .sort(),
    );
    const state = new TextDecoder().decode(await readFile(storage, joinPath(folder, "checkpoint")));
    // As TensorFlow does: relative to the folder, or the whole path if that is absolute.
    const stated = folder.startsWith("run") ? "m-3" : `${folder}\\m-3`;
    expect(state.split("\n")[0]).toBe(`model_checkpoint_path: ${JSON.stringify(stated)}`);
    const latest = (await latestCheckpoint(folder, { storage })) as string;
    expect(normalizePath(latest)).toBe(normalizePath(joinPath(folder, "m-3")));
    expect(await resolveCheckpoint(`${folder}\\checkpoint`, { storage })).toBe(latest);
    expect(await resolveCheckpoint(`${folder}\\m-2.index`, { storage })).toMatch(/m-2$/);

    const later = new LocalSession(new Graph(), { storage });
    const imported = await importMetaGraph(`${folder}\\m-3.meta`, { graph: later.graph, storage });
    await imported?.restore(later, `${folder}\\m-3`);
    expect((await later.run("w:0")).data).toEqual(Float32Array.of(1, 2));

    expect(await checkpointExists(`${folder}\\m-2`, { storage })).toBe(true);
    expect((await listCheckpoints(folder, { storage })).map(({ prefix }) => basename(prefix))).toEqual(["m-2", "m-3"]);
    await removeCheckpoint(`${folder}\\m-2`, { storage, within: folder });
    expect((await names(storage, folder)).filter((name) => name.includes("m-2"))).toEqual([]);
    expect(await findDebris(folder, { storage })).toEqual([]);
  });

  it("are continued by a new saver, and keep what another folder holds", async () => {
    const storage = new MemoryStorage();
    const { graph, weights } = model();
    const session = new LocalSession(graph, { storage });
    await session.run(weights.initializer);
    for (let step = 1; step <= 3; step++) {
      const saver = new Saver({ graph, maxToKeep: 2, storage, createDirectories: true });
      await saver.recoverCheckpoints(folder);
      await saver.save(session, step === 2 ? `${folder}/m` : `${folder}\\.\\m`, { globalStep: step });
    }
    expect((await names(storage, folder)).filter((name) => name.endsWith(".index"))).toEqual([
      "m-2.index",
      "m-3.index",
    ]);
  });

  it("are managed, of objects, converted and verified", async () => {
    const storage = new MemoryStorage();
    const w = new HostVariable([1, 2], { name: "w" });
    await createDirectories(storage, folder);
    const saver = new Checkpoint({ w }, { storage }).managed();
    const manager = new CheckpointManager({ saver, session: null, directory: folder, storage, every: { steps: 1 } });
    await manager.maybeSave(1);
    await manager.close();
    const latest = (await latestCheckpoint(folder, { storage })) as string;
    expect(basename(latest)).toBe("model.ckpt-1");

    await convertCheckpoint(latest.replaceAll("/", "\\"), `${folder}\\copy`, { storage });
    expect((await verifyCheckpoint(`${folder}\\copy`, { storage })).problems).toEqual([]);
    const reader = await openCheckpoint(`${folder}\\copy`, { storage });
    expect((await reader.get("w/.ATTRIBUTES/VARIABLE_VALUE")).data).toEqual(Float32Array.of(1, 2));
    await reader.close();
  });
});
