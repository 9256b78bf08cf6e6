import { type Tensor, toTensor } from "@tfsaver/core";
import { Saver } from "@tfsaver/saver";
import { HostSaveable, HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { lyingTensors } from "../../../../fixtures/lying-tensors.js";
import { rejection } from "../../../../fixtures/rejection.js";
import { filesIn } from "../../../../fixtures/storage-files.js";

/** A value of our own that can begin to lie. */
class Reported extends HostSaveable {
  value: Tensor = toTensor([1, 2]);

  override specs(name: string) {
    return [{ name, dtype: "float32", shape: undefined, value: () => this.value }] as const;
  }

  override restore([tensor]: readonly Tensor[]): void {
    this.value = tensor as Tensor;
  }
}

describe.each(lyingTensors)("$what", ({ value }) => {
  it.each([1, 2])("makes a save in format V%d fail, and the only good checkpoint stays", async (writeVersion) => {
    const storage = new MemoryStorage();
    const reported = new Reported("w");
    const eager = (graph: ConstructorParameters<typeof LocalSession>[0]) => new LocalSession(graph, { storage });
    const onWarning = () => undefined;
    const saver = new Saver({ varList: [reported], eager, storage, maxToKeep: 1, writeVersion, onWarning });
    await saver.save(null, "m", { globalStep: 1 });
    const before = await filesIn(storage);
    reported.value = value;
    const error = await rejection(saver.save(null, "m", { globalStep: 2 }));
    expect(error).toMatchObject({ kind: "InvalidArgumentError", tensor: "w" });
    expect(await filesIn(storage)).toEqual(before);
    await saver.restore(null, "m-1");
    expect([...(reported.value.data as Float32Array)]).toEqual([1, 2]);
  });

  it("is refused by a HostVariable, which keeps its value", () => {
    expect(() => new HostVariable(value, { name: "w" })).toThrow("Variable w: ");
    const variable = new HostVariable([1, 2], { name: "w" });
    expect(() => variable.assign(value)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
    expect([...(variable.value.data as Float32Array)]).toEqual([1, 2]);
  });
});
