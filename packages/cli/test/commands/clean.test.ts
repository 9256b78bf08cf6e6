import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { MemoryObjectStorage } from "@tfsaver/testing";
import { expect, it } from "vitest";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

/** The shortest file that begins and ends like an index. */
const TABLE = Uint8Array.of(0, 0, 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);

async function folderWith(...names: string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ now: () => Date.now() - 5000 });
  await storage.createDirectory("/run");
  for (const name of names) await writeFileAtomically(storage, `/run/${name}`, TABLE);
  return storage;
}

it("shows what it would do, and does it", async () => {
  const storage = await folderWith("m-1.index.tempstate5555555555", "m-2.index.tempstate0", "m-3.index");
  const names = () => filesIn(storage, "/run");
  const dry = await tfckpt(["clean", "/run", "--dry-run", "--older-than", "1"], { storage });
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toBe(
    "would remove /run/m-1.index.tempstate5555555555\nwould finish /run/m-2.index.tempstate0\nto clean: 2 items, 20 B\n",
  );
  expect(await names()).toEqual(["m-1.index.tempstate5555555555", "m-2.index.tempstate0", "m-3.index"]);
  const json = await tfckpt(["clean", "/run", "-n", "--older-than", "1", "--json"], { storage });
  const remove = { path: "/run/m-1.index.tempstate5555555555", kind: "file", action: "remove" };
  expect(JSON.parse(json.stdout)).toMatchObject({
    folder: "/run",
    items: [remove, { action: "finish" }],
    dryRun: true,
  });
  const done = await tfckpt(["clean", "/run", "--older-than", "1"], { storage });
  expect(done.stdout).toBe(
    "removed /run/m-1.index.tempstate5555555555\nfinished /run/m-2.index.tempstate0\ncleaned: 2 items, 20 B\n",
  );
  expect(await names()).toEqual(["m-2.index", "m-3.index"]);
});

it("spares files of the last hour by default, and accepts only a number", async () => {
  const storage = await folderWith("m-1.index.tempstate5555555555");
  const { code, stdout } = await tfckpt(["clean", "/run"], { storage });
  const left = "1 item left, changed in the last 3600 s (--older-than 0 removes that too, if no save is under way)";
  expect([code, stdout]).toEqual([0, `nothing to clean\n${left}\n`]);
  const { young, left: foreign } = JSON.parse((await tfckpt(["clean", "/run", "--json"], { storage })).stdout);
  expect([young, foreign]).toEqual([["/run/m-1.index.tempstate5555555555"], []]);
  expect(await tfckpt(["clean", "/run", "--older-than", "1h"], { storage })).toMatchObject({ code: 2 });
  expect(await tfckpt(["clean", "/none"], { storage })).toMatchObject({ code: 3 });
});

it("leaves files of other programs, until all temporary names are asked for", async () => {
  const storage = await folderWith("m-1.index.tempstate5555555555");
  await putFile(storage, "/run/thesis.saving", "chapter one");
  const done = await tfckpt(["clean", "/run", "--older-than", "1"], { storage });
  expect(done.stdout).toBe(
    "removed /run/m-1.index.tempstate5555555555\ncleaned: 1 item, 10 B\n" +
      "1 item left that may belong to another program: only the name is that of a leftover " +
      "(--all-temporary lists and removes them)\n",
  );
  const all = await tfckpt(["clean", "/run", "--older-than", "1", "--all-temporary"], { storage });
  expect(all.stdout).toBe("removed /run/thesis.saving\ncleaned: 1 item, 11 B\n");
  expect(await filesIn(storage, "/run")).toEqual([]);
});

it("reports a checkpoint of which an object store has dropped a part while it was replaced, once", async () => {
  const storage = new MemoryObjectStorage({ now: () => 0 });
  const file = await storage.create("run/m.data-00000-of-00002");
  const { ticket, mark } = (await file.prepare?.()) ?? { ticket: "", mark: "" };
  await file.close();
  for (const name of ["m.index.tempstate5", "m.index.tempstate6"]) await storage.put(`run/${name}`, new Uint8Array(9));
  const lines = [
    ["m.index.tempstate5"],
    ["m.data-00000-of-00002", ticket, mark],
    ["m.data-00001-of-00002", "dropped", "dropped"],
    ["m.index", "m.index.tempstate6"],
  ];
  const text = ["tfsaver nobody 5", ...lines.map((line) => JSON.stringify(line)), ""].join("\n");
  await storage.put("run/m.saving", new TextEncoder().encode(text));
  await storage.put("run/notes", new Uint8Array());
  const { code, stderr } = await tfckpt(["clean", "run"], { storage });
  expect(code).toBe(1);
  expect(stderr).toContain("run/m is lost: a save was interrupted while it replaced it");
  expect(await tfckpt(["clean", "run"], { storage })).toMatchObject({ code: 0, stdout: "nothing to clean\n" });
});
