import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Model } from "../../packages/saver/test/crash/history.js";
import { buildProgram, buildSaver } from "./program.js";

const storage = new NodeStorage();
const isRoot = process.getuid?.() === 0;

/** Id of a user and group without special rights. */
const NOBODY = 65534;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-limits-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command without output. Returns true if it succeeds. */
function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "tfsaver-mount-"));
  const may = process.platform === "linux" && isRoot && succeeds("mount", "-t", "tmpfs", "none", place);
  if (may) execFileSync("umount", [place]);
  rmSync(place, { recursive: true });
  return may;
}

describe.each([
  ["V2", {}],
  ["V2 in shards", { sharded: true }],
  ["V1", { writeVersion: 1 }],
  ["V1 in shards", { writeVersion: 1, sharded: true }],
])("%s", (_, options) => {
  it.runIf(mayMount())(
    "survives a full disk, and saves again when there is space (needs the right to mount)",
    async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k,nr_inodes=40", "none", folder]);
      try {
        const model = new Model();
        const saver = model.saver(storage, options);
        const first = (await saver.save(await model.holding(10, storage), `${folder}/m`, { globalStep: 1 })) as string;
        // The free space shrinks step by step, so that it is too small for one file after another.
        let failures = 0;
        for (let left = 64; left >= 0; left -= 4) {
          rmSync(join(folder, "filler"), { force: true });
          fill(join(folder, "filler"), left);
          const session = await model.holding(20, storage);
          await saver.save(session, `${folder}/n`, { globalStep: left, writeState: false }).catch((error: Error) => {
            failures++;
            expect(error).toMatchObject({ kind: "ResourceExhaustedError", path: expect.stringContaining(folder) });
          });
          expect(await latestCheckpoint(folder, { storage })).toBe(first);
          expect(await model.read(saver, first, storage)).toBe(10);
          expect(await findDebris(folder, { storage, olderThan: 0 })).toEqual([]);
          for (const name of readdirSync(folder)) if (name.startsWith("n-")) rmSync(join(folder, name));
        }
        expect(failures).toBeGreaterThan(0);
        rmSync(join(folder, "filler"));
        const next = (await saver.save(await model.holding(30, storage), `${folder}/m`, { globalStep: 2 })) as string;
        expect(await model.read(saver, next, storage)).toBe(30);
      } finally {
        execFileSync("umount", [folder]);
      }
    },
  );

  it("reports a read-only folder, and leaves it unchanged", async () => {
    const program = await buildProgram("read-only-process", folder);
    const run = join(folder, "run");
    mkdirSync(run);
    const args = [program, run, JSON.stringify(options)];
    if (isRoot) {
      // Nothing is read-only for root, so the program becomes another user, who needs access to the folder.
      chmodSync(folder, 0o755);
      chownSync(run, NOBODY, NOBODY);
      args.push(String(NOBODY));
    }
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: run });
    expect(stderr).toBe("");
    const { user, outcome, before, after, value } = JSON.parse(stdout);
    expect(user).not.toBe(0);
    expect(outcome).toBe("PermissionDeniedError");
    expect(before).toContain("checkpoint");
    expect(after).toEqual(before);
    expect(value).toBe(10);
  });

  it("reports a folder in place of a file, and saves elsewhere", async () => {
    const model = new Model();
    const saver = model.saver(storage, options);
    const first = (await saver.save(await model.holding(10, storage), `${folder}/m`, { globalStep: 1 })) as string;
    for (const name of ["m-2.index", "m-2", "m-2-00000-of-00002"]) mkdirSync(join(folder, name));
    const next = saver.save(await model.holding(20, storage), `${folder}/m`, { globalStep: 2 });
    await expect(next).rejects.toMatchObject({ path: expect.stringContaining(`${folder}/m-2`) });
    expect(await latestCheckpoint(folder, { storage })).toBe(first);
    expect(await model.read(saver, first, storage)).toBe(10);
    const other = (await saver.save(await model.holding(30, storage), `${folder}/m`, { globalStep: 3 })) as string;
    expect(await model.read(saver, other, storage)).toBe(30);
  });

  it.each([
    ["spaces", "a b  c "],
    ["Unicode", "é漢🎉e\u0301"],
    ["[", "a[1]b["],
    ["?", "a?b??"],
    ["*", "*a*"],
    ["a newline", "a\nb\n"],
    ["quotes and backslashes", "a\"b'c\\d"],
    ["the longest length", "x".repeat(255 - ".data-00000-of-00001".length)],
    ["the longest length in bytes", `x${"漢".repeat(78)}`],
  ])("saves, lists, restores and removes under a name with %s", async (__, name) => {
    const model = new Model();
    const saver = model.saver(storage, { ...options, maxToKeep: 1 });
    const neighbour = (await saver.save(await model.holding(5, storage), `${folder}/ab`)) as string;
    saver.setLastCheckpoints([]);
    // Saves the same path twice, then another one, after which retention removes the first.
    for (const value of [10, 20]) {
      const path = (await saver.save(await model.holding(value, storage), `${folder}/${name}`)) as string;
      expect(await latestCheckpoint(folder, { storage })).toBe(path);
      expect(await model.read(saver, path, storage)).toBe(value);
    }
    const last = (await saver.save(await model.holding(30, storage), `${folder}/last`)) as string;
    const left = readdirSync(folder).filter((file) => !/^(ab|last|checkpoint)/.test(file));
    expect(left).toEqual([]);
    expect(await model.read(saver, last, storage)).toBe(30);
    expect(await model.read(saver, neighbour, storage)).toBe(5);
  });

  it("saves through a symbolic link to a folder", async () => {
    const model = new Model();
    const saver = model.saver(storage, options);
    mkdirSync(join(folder, "real"));
    symlinkSync("real", join(folder, "link"));
    const path = (await saver.save(await model.holding(10, storage), `${folder}/link/m`)) as string;
    expect(await model.read(saver, path, storage)).toBe(10);
    expect(readFileSync(join(folder, "real", "checkpoint"), "utf8")).toContain("link/m");
  });

  it("saves to a path of the maximum length", async () => {
    const model = new Model();
    const saver = model.saver(storage, options);
    let deep = folder;
    // Linux allows paths of up to 4,095 bytes, including the longest file name.
    while (deep.length < 3700) {
      deep = `${deep}/${"d".repeat(Math.min(200, 3790 - deep.length))}`;
      mkdirSync(deep);
    }
    const path = (await saver.save(await model.holding(10, storage), `${deep}/m`, { globalStep: 1 })) as string;
    expect(await latestCheckpoint(deep, { storage })).toBe(path);
    expect(await model.read(saver, path, storage)).toBe(10);
  });
});

/** Writes a file that leaves the given number of KiB free on its disk. */
function fill(path: string, kibibytesLeft: number): void {
  const { status, stdout } = spawnSync("df", ["-k", "--output=avail", join(path, "..")], { encoding: "utf8" });
  expect(status).toBe(0);
  const available = Number(stdout.trim().split("\n").at(-1));
  writeFileSync(path, new Uint8Array(Math.max(0, available - kibibytesLeft) * 1024));
}

it("a saver needs at most 32 file descriptors", async () => {
  const program = await buildSaver(folder);
  for (const what of ["one", "shards"]) {
    const run = mkdtempSync(join(folder, what));
    const command = `ulimit -n 32 && exec "${process.execPath}" "${program}" "${run}" ${what} 50`;
    const { stdout, stderr, status } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("saved 50");
  }
});
