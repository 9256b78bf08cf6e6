import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { Graph, identity, Variable, withDefaultGraph } from "@tfsaver/graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { compileCommand } from "../../../../tests/compile.js";
import { interruptsOf } from "../../src/interrupts.js";
import { tfckpt } from "../run-cli.js";

/** A storage that aborts a signal before one of its operations. */
class InterruptingStorage extends InterceptedStorage {
  readonly #controller = new AbortController();
  #left: number;

  constructor(inner: Storage, operations: number) {
    super(inner);
    this.#left = operations;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  protected override intercept<T>(_operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    if (this.#left-- === 0) this.#controller.abort(130);
    return run();
  }
}

async function checkpoints(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.createDirectory("run");
  for (const prefix of ["run/m-1", "run/m-2"]) {
    const writer = new BundleWriter(prefix, { storage });
    for (const name of ["a", "b", "c"]) await writer.add(name, toTensor([1, 2]));
    await writer.finish();
  }
  const graph = new Graph();
  withDefaultGraph(graph, () => identity(Variable.create(new Float32Array(2), { name: "a" }).value(), { name: "out" }));
  await writeMetaGraph("run/m-1.meta", exportMetaGraph({ graph }), { storage });
  return storage;
}

describe("an interrupt", () => {
  it.each([
    ["ls", ["ls", "run/m-1"]],
    ["cat", ["cat", "run/m-1", "a"]],
    ["digest", ["digest", "run/m-1"]],
    ["verify", ["verify", "run/m-1"]],
    ["verify of a folder", ["verify", "run"]],
    ["convert to V2", ["convert", "run/m-1", "run/new", "--shards", "2"]],
    ["edit", ["edit", "run/m-1", "run/new", "--rename", "s/a/x/", "--cast", "float64", "--shards", "2"]],
    ["convert to V1", ["convert", "run/m-1", "run/new", "--version", "v1", "--shards", "2"]],
    ["convert to safetensors", ["convert", "run/m-1", "run/new.safetensors", "--shards", "2"]],
    ["convert to npz", ["convert", "run/m-1", "run/new.npz"]],
    ["convert to TensorFlow.js", ["convert", "run/m-1", "run/model.json"]],
    ["freeze", ["freeze", "run/m-1.meta", "run/new.pb", "--outputs", "out"]],
    ["repair-state", ["repair-state", "run"]],
    ["stat", ["stat", "run/m-1"]],
    ["diff", ["diff", "run/m-1", "run/m-2"]],
    ["grep", ["grep", "a", "run"]],
    ["average", ["average", "run/m-1", "run/m-2", "run/new", "--shards", "2"]],
  ])("ends %s at every operation with 130, and leaves all of its result or none", async (_, args) => {
    let wasDone = false;
    const before = await checkpoints();
    const untouched = await filesIn(before, "run");
    await tfckpt(args, { storage: before });
    const finished = await filesIn(before, "run");
    const codes = new Set<number>();
    for (let operations = 0; !wasDone; operations++) {
      const storage = new InterruptingStorage(await checkpoints(), operations);
      const { code, stderr } = await tfckpt(args, { storage, signal: storage.signal });
      wasDone = !storage.signal.aborted;
      codes.add(code);
      if (wasDone) break;
      expect([untouched, finished]).toContainEqual(await filesIn(storage, "run"));
      if (code !== 0) expect([code, stderr]).toEqual([130, "tfckpt: interrupted\n"]);
    }
    expect(codes).toContain(130);
  });

  it("ends a command that waits for its output, and one that does not end by itself in five seconds", async () => {
    const storage = await checkpoints();
    const hanging = new (class extends InterceptedStorage {
      protected override intercept<T>(): Promise<T> {
        return new Promise(() => undefined);
      }
    })(storage);
    const controller = new AbortController();
    const start = performance.now();
    const running = tfckpt(["ls", "run/m-1"], { storage: hanging, signal: controller.signal });
    controller.abort(143);
    expect(await running).toMatchObject({ code: 143, stderr: "tfckpt: interrupted\n" });
    expect(performance.now() - start).toBeLessThan(8000);
  });

  it("ends the process at once the second time, but not when it comes twice, as from timeout", () => {
    const listeners = new Map<string, () => void>();
    const codes: number[] = [];
    let time = 1000;
    const source = {
      on: (name: string, listener: () => void) => listeners.set(name, listener),
      exit: (code: number) => codes.push(code),
    };
    const signal = interruptsOf(source, () => time);
    listeners.get("SIGINT")?.();
    expect([signal.aborted, signal.reason, codes]).toEqual([true, 130, []]);
    time += 499;
    listeners.get("SIGINT")?.();
    expect(codes).toEqual([]);
    time += 1;
    listeners.get("SIGINT")?.();
    listeners.get("SIGTERM")?.();
    expect(codes).toEqual([130, 143]);
  });
});

describe("the process", () => {
  let folder: string;
  let program: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tfckpt-"));
    program = await compileCommand(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts the command without reading its standard output, and sends a signal once it has written. */
  async function interrupted(signal: NodeJS.Signals, ...args: string[]) {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await new Promise((resolve) => child.stdout.once("readable", resolve));
    child.kill(signal);
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, stderr })).stdout.resume());
  }

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends with %s by %d while it waits for a reader", async (signal, code) => {
    const many = `${goldensFolder}v2-many-tensors`;
    for (const command of ["ls", "digest"]) {
      expect(await interrupted(signal, command, many)).toEqual({ code, stderr: "tfckpt: interrupted\n" });
    }
  });

  it("leaves the old file of cat -o, and no temporary one", async () => {
    const path = join(folder, "out");
    mkdirSync(path);
    const file = join(path, "value.json");
    writeFileSync(file, "old");
    const controller = new AbortController();
    const storage = new MemoryStorage();
    const writer = new BundleWriter("m", { storage });
    await writer.add("a", toTensor(new Float32Array(3_000_000)));
    await writer.finish();
    const args = ["cat", "m", "a", "-f", "json", "-o", file];
    const running = tfckpt(args, { storage, signal: controller.signal });
    const isWriting = () => readdirSync(path).length > 1;
    while (!isWriting()) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(130);
    expect(await running).toMatchObject({ code: 130 });
    expect([readdirSync(path), readFileSync(file, "utf8")]).toEqual([["value.json"], "old"]);
    expect(await tfckpt(args, { storage })).toMatchObject({ code: 0 });
    expect(readdirSync(path)).toEqual(["value.json"]);
    expect(readFileSync(file, "utf8")).toMatch(/^\[0,0,/);
  });
});
