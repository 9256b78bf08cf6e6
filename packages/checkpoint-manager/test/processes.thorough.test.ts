import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram, WAIT_FOR_UNNAMED } from "../../../tests/crash/program.js";
import { saveSteps, startRun, truncate } from "./model.js";

const KILLS = 10;

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-manager-"));
  program = await buildProgram("loop-process", folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface LoopOptions {
  readonly steps?: number;
  readonly graceMs?: number;
  readonly words?: readonly ("busy" | "stuck" | "slow" | "behind" | "dies")[];
}

/** Starts a training loop in a process of its own. */
class Loop {
  output = "";
  errors = "";
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #onOutput = () => {};

  constructor(directory: string, { steps = 1e6, graceMs = 10_000, words = ["busy"] }: LoopOptions = {}) {
    const args = [program, directory, String(steps), String(graceMs), ...words];
    this.child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 50_000 });
    this.child.stdout?.on("data", (chunk) => {
      this.output += chunk;
      this.#onOutput();
    });
    this.child.stderr?.on("data", (chunk) => {
      this.errors += chunk;
    });
    this.ended = new Promise((resolve) => this.child.on("close", (code, signal) => resolve({ code, signal })));
  }

  /** Waits until the output matches. */
  async until(pattern: RegExp): Promise<void> {
    const found = new Promise<void>((resolve) => {
      this.#onOutput = () => void (pattern.test(this.output) && resolve());
      this.#onOutput();
    });
    const failed = this.ended.then(() =>
      Promise.reject(new Error(`${pattern} is not in:\n${this.output}${this.errors}`)),
    );
    await Promise.race([found, failed]);
  }

  /** Numbers of the last line that starts with a word. */
  last(word: string): number[] {
    const line = [...this.output.matchAll(new RegExp(`^${word} (.+)$`, "gm"))].at(-1)?.[1] ?? "";
    return line === "" ? [] : line.split(/[ :]/).map(Number);
  }
}

describe.concurrent("a signal", () => {
  test.for(["SIGTERM", "SIGINT"] as const)(
    "%s saves at the end of the step and stops, also a loop that never waits",
    async (signal) => {
      const directory = join(folder, signal);
      const loop = new Loop(directory);
      await loop.until(/step 100\n/);
      loop.child.kill(signal);
      expect(await loop.ended).toEqual({ code: 0, signal: null });
      const [step] = loop.last("stop");
      expect(loop.output).toMatch(new RegExp(`saved ${step}\nstop ${step}: ${signal} was received\nclosed\n$`));
      expect(await latestCheckpoint(directory)).toBe(`${directory}/model.ckpt-${step}`);
      const next = new Loop(directory);
      await next.until(/start/);
      expect(next.last("start")[0]).toBe(step);
      next.child.kill("SIGKILL");
      await next.ended;
    },
  );

  test("in a step that does not end ends the process after graceMs, without a save, and says so", async () => {
    const directory = join(folder, "stuck");
    const loop = new Loop(directory, { graceMs: 200, words: ["stuck"] });
    await loop.until(/step 2\n/);
    loop.child.kill("SIGTERM");
    expect(await loop.ended).toEqual({ code: 143, signal: null });
    expect(loop.errors).toContain("The process ends without a save: no step ended within 200 ms of SIGTERM");
    expect(await latestCheckpoint(directory)).toBeUndefined();
  });

  test("that is the second ends the process at once", async () => {
    const loop = new Loop(join(folder, "second"), { words: ["stuck"] });
    await loop.until(/step 2\n/);
    const before = Date.now();
    loop.child.kill("SIGTERM");
    setTimeout(() => loop.child.kill("SIGINT"), 100);
    expect(await loop.ended).toEqual({ code: 130, signal: null });
    expect(Date.now() - before).toBeLessThan(5000);
    expect(loop.errors).toContain("The process ends at once: SIGINT was the second signal");
  });

  test("during a save that takes longer than graceMs waits for it", async () => {
    const directory = join(folder, "slow");
    const loop = new Loop(directory, { steps: 2, graceMs: 50, words: ["slow"] });
    await loop.until(/step 1\n/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    loop.child.kill("SIGTERM");
    expect(await loop.ended).toEqual({ code: 0, signal: null });
    expect(loop.output).toMatch(/saved 2\nstop 2: /);
    expect(await latestCheckpoint(directory)).toBe(`${directory}/model.ckpt-2`);
  });

  test("waits for the saves in the background, and for the one that it asks for", async () => {
    const directory = join(folder, "behind");
    const loop = new Loop(directory, { steps: 2, graceMs: 50, words: ["behind", "slow"] });
    await loop.until(/step 3\n/);
    loop.child.kill("SIGTERM");
    expect(await loop.ended).toEqual({ code: 0, signal: null });
    const [step] = loop.last("stop");
    expect(loop.output).toMatch(/saved 2\n(.*\n)*stop/);
    expect(await latestCheckpoint(directory)).toBe(`${directory}/model.ckpt-${step}`);
  });

  test("in a step that does not end ends the process only after the save in the background", async () => {
    const directory = join(folder, "stuck-behind");
    const loop = new Loop(directory, { steps: 2, graceMs: 50, words: ["behind", "slow", "stuck"] });
    await loop.until(/step 1\n/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(loop.output).not.toContain("saved");
    loop.child.kill("SIGTERM");
    expect(await loop.ended).toEqual({ code: 143, signal: null });
    expect(loop.errors).toContain("The process ends without a save: no step ended within 50 ms of SIGTERM");
    expect(await latestCheckpoint(directory)).toBe(`${directory}/model.ckpt-2`);
  });
});

test.for([
  ["that waits for its saves", ["busy"]],
  ["that does not wait for its saves", ["busy", "behind"]],
] as const)(`a loop %s goes on where it was after each of ${KILLS} kills`, async ([, words]) => {
  const directory = join(folder, `kills-${words.length}`);
  let known = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const loop = new Loop(directory, { steps: 5, words });
    await loop.until(/start .*\n/);
    // Multiples of the golden ratio spread the kills evenly over a few saves.
    await new Promise((resolve) => setTimeout(resolve, 150 * ((kill * 0.618) % 1)));
    // On a busy machine, none of them may have come after a save.
    if (kill === KILLS - 1) await loop.until(/saved .*\n/);
    loop.child.kill("SIGKILL");
    await loop.ended;
    expect(loop.errors.replace(WAIT_FOR_UNNAMED, "")).toBe("");
    const [step = -1, weight] = loop.last("start");
    expect(step % 5).toBe(0);
    // A reported save exists. One more may have ended before it was reported.
    expect(step).toBeGreaterThanOrEqual(known);
    expect(step).toBeLessThanOrEqual(known + 5);
    expect(weight).toBeCloseTo(1 - 2 ** -step, 6);
    known = loop.last("saved")[0] ?? step;
  }
  expect(known).toBeGreaterThan(0);
});

test("a damaged checkpoint is passed over once, whatever the spelling of its path", async () => {
  const directory = join(folder, "spellings");
  const [storage, spelled] = [new NodeStorage(), relative(process.cwd(), directory)];
  await saveSteps(startRun({ storage, directory }), [10, 20]);
  await truncate(storage, `${directory}/model.ckpt-20.data-00000-of-00001`);
  const start = await startRun({ storage, directory: spelled }).manager.restoreOrInitialize();
  expect(start).toMatchObject({ path: `${spelled}/model.ckpt-10`, step: 10 });
  expect(start.passedOver).toHaveLength(1);
});

test("a loop begins anew after a kill in the middle of the very first save, and saves over what that left", async () => {
  const directory = join(folder, "first-save");
  const first = new Loop(directory, { steps: 1, words: ["dies"] });
  expect(await first.ended).toMatchObject({ signal: "SIGKILL" });
  expect(readdirSync(directory)).toContain("model.ckpt-1.data-00000-of-00001");
  const second = new Loop(directory, { steps: 1 });
  await second.until(/saved 1\n/);
  second.child.kill("SIGKILL");
  await second.ended;
  expect(second.last("start")).toEqual([0, 0]);
  expect(second.errors).toBe("");
});

test("what a killed save left is removed at the next start, even if that path is never saved again", async () => {
  const directory = join(folder, "leftovers");
  await new Loop(directory, { steps: 1, words: ["dies"] }).ended;
  expect(readdirSync(directory)).not.toEqual([]);
  const next = new Loop(directory);
  await next.until(/start/);
  next.child.kill("SIGKILL");
  await next.ended;
  expect(readdirSync(directory)).toEqual([]);
});
