import { storageSuite } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { OpfsStorage } from "../src/index.js";
import { freshFolder } from "./fresh-folder.js";
import { startWorker } from "./worker.js";

describe("in a page", () => {
  it("can't flush", () => {
    expect(new OpfsStorage().capabilities.fsync).toBe(false);
  });

  for (const { name, run } of storageSuite(freshFolder)) it(name, run);
});

describe("in a worker", () => {
  const worker = startWorker();

  it("flushes", async () => {
    expect(await worker.call("capabilities")).toMatchObject({ fsync: true });
  });

  it.each(storageSuite(freshFolder).map(({ name }) => name))("%s", (name) => worker.call("suite", name));
});
