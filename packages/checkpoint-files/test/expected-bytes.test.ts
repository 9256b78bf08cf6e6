import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import type { Storage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { LimitedStorage } from "../../../fixtures/limited-storage.js";

/** Above the size up to which a file is held back, in float32. */
const ELEMENTS = (2 << 20) / 4;

async function saving(storage: Storage, writeVersion: 1 | 2) {
  const graph = new Graph();
  const variables = [1, 2].map((value, i) =>
    Variable.create(new Float32Array(ELEMENTS).fill(value), { graph, name: `v${i}` }),
  );
  const session = new LocalSession(graph, { storage });
  await session.run(variables.map(({ initializer }) => initializer));
  return { saver: new Saver({ graph, storage, writeVersion, onWarning: () => undefined }), session };
}

describe.each([2, 1] as const)("V%d", (version) => {
  it("a save tells its storage the size of a shard before a byte is sent", async () => {
    const storage = new LimitedStorage();
    const { saver, session } = await saving(storage, version);
    storage.limit = 8 * ELEMENTS - 1;
    await expect(saver.save(session, "run/m")).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
    expect(storage.written).toBe(0);
    storage.limit = 8 * ELEMENTS;
    expect(await saver.save(session, "run/m")).toBe("run/m");
  });

  it("a conversion tells its storage the size of a shard before a byte is sent", async () => {
    const storage = new LimitedStorage();
    const { saver, session } = await saving(storage, version);
    await saver.save(session, "run/m");
    storage.written = 0;
    storage.limit = 8 * ELEMENTS - 1;
    const converting = convertCheckpoint("run/m", "run/n", { storage, format: version === 1 ? "V1" : "V2" });
    await expect(converting).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
    expect(storage.written).toBe(0);
  });
});
