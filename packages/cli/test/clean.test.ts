import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { filesIn } from "../../../fixtures/storage-files.js";
import { tfckpt } from "./run-cli.js";

async function folderWith(...names: string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ now: () => Date.now() - 5000 });
  await storage.createDirectory("/run");
  for (const name of names) await writeFileAtomically(storage, `/run/${name}`, Uint8Array.of(1, 2));
  return storage;
}

it("shows what it would do, and does it", async () => {
  const storage = await folderWith("m-1.index.tempstate5", "m-2.index.tempstate0", "m-3.index");
  const names = () => filesIn(storage, "/run");
  const dry = await tfckpt(["clean", "/run", "--dry-run", "--older-than", "1"], { storage });
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toBe(
    "would remove /run/m-1.index.tempstate5\nwould finish /run/m-2.index.tempstate0\nto clean: 2 items, 4 B\n",
  );
  expect(await names()).toEqual(["m-1.index.tempstate5", "m-2.index.tempstate0", "m-3.index"]);
  const done = await tfckpt(["clean", "/run", "--older-than", "1"], { storage });
  expect(done.stdout).toBe(
    "removed /run/m-1.index.tempstate5\nfinished /run/m-2.index.tempstate0\ncleaned: 2 items, 4 B\n",
  );
  expect(await names()).toEqual(["m-2.index", "m-3.index"]);
});

it("spares files of the last hour by default, and accepts only a number", async () => {
  const storage = await folderWith("m-1.index.tempstate5");
  expect(await tfckpt(["clean", "/run"], { storage })).toMatchObject({ code: 0, stdout: "nothing to clean\n" });
  expect(await tfckpt(["clean", "/run", "--older-than", "1h"], { storage })).toMatchObject({ code: 2 });
  expect(await tfckpt(["clean", "/none"], { storage })).toMatchObject({ code: 3 });
});
