import { zeroTensor } from "@tfsaver/core";
import { HostVariable } from "@tfsaver/saver-builders";
import { defaultStorage } from "@tfsaver/storage/default";
import { describe, expect, it } from "vitest";
import { type ExpectedTensor, expectedForm } from "../../../fixtures/goldens.js";
import { type ObjectGolden, objectGolden, objectGoldenPath } from "../../../fixtures/object-goldens.js";
import { rejection } from "../../../fixtures/rejection.js";
import { Checkpoint, type LoadStatus } from "../src/index.js";
import { Builder, Optimizer, Text, variableOf } from "./build-objects.js";

/** What an assertion of TensorFlow gave: the beginning of its message if it failed. */
interface Attempt {
  readonly ok: boolean;
  readonly error?: string;
  readonly starts?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each case has rows of its own
type Row = Record<string, any> & Record<keyof typeof ASSERTIONS, Attempt>;

const ASSERTIONS = {
  assert_consumed: "assertConsumed",
  assert_existing_objects_matched: "assertExistingObjectsMatched",
  assert_nontrivial_match: "assertNontrivialMatch",
} as const;

const storage = defaultStorage();
const options = { storage, onWarning: () => undefined };

/** Makes sure that all assertions give what they gave in TensorFlow. */
function expectStatus(status: LoadStatus, wanted: Record<keyof typeof ASSERTIONS, Attempt>, label: string): void {
  for (const [python, ours] of Object.entries(ASSERTIONS)) {
    const { ok, error, starts } = wanted[python as keyof typeof ASSERTIONS];
    const assert = () => status[ours]();
    if (ok) expect(assert(), `${label}: ${python}`).toBe(status);
    // Python's text of an object is its own.
    else expect(assert, `${label}: ${python}`).toThrow(starts?.replace("<tensorf", ""));
    if (!ok) expect(error).toBe("AssertionError");
  }
}

const numbersOf = (variable: HostVariable) => Array.from(variable.value.data as Float32Array, Number);

it.each<Row>(objectGolden("partial").reads)(
  "restores a part of the objects as TensorFlow does: $target",
  async (read) => {
    const { target, kwargs, values_after, read: failure } = read;
    const builder = new Builder();
    const children = builder.children({ kwargs });
    const checkpoint = new Checkpoint(children, options);
    const path = objectGoldenPath("partial", "ckpt");
    const values = () =>
      Object.fromEntries(
        Object.entries(children).flatMap(([name, child]) => {
          if (child instanceof HostVariable) return [[name, numbersOf(child)]];
          const entries = Object.entries(child as object).filter(([, value]) => value instanceof HostVariable);
          return entries.map(([inner, value]) => [`${name}/${inner}`, numbersOf(value as HostVariable)]);
        }),
      );
    if (failure !== undefined) {
      const before = values();
      const error = await rejection(checkpoint.read(path));
      expect(error).toMatchObject({ kind: failure.error });
      const text =
        failure.error === "ValueError" ? "Received incompatible tensor with shape" : failure.has.slice(6, -15);
      expect(error.message).toContain(text);
      expect(error.message).toContain("Object: (root).a, here HostVariable");
      expect(values()).toEqual(before);
      return;
    }
    const status = await checkpoint.read(path);
    expectStatus(status.expectPartial(), read, target);
    const wanted = Object.entries(values_after).map(([name, value]) => [name, [value].flat()]);
    expect(values()).toEqual(Object.fromEntries(wanted));
  },
);

it.each<Row>(objectGolden("write-vs-save").statuses)(
  "pairs write with read, and save with restore: $how of $prefix",
  async (row) => {
    const checkpoint = new Checkpoint({ v: variableOf(0, "float32") }, options);
    const path = objectGoldenPath("write-vs-save", row.prefix);
    const status = await (row.how === "read" ? checkpoint.read(path) : checkpoint.restore(path));
    expectStatus(status, row, `${row.how} of ${row.prefix}`);
  },
);

it("gives values to objects that are added later, in TensorFlow's steps", async () => {
  const { log } = objectGolden("deferred");
  const checkpoint = new Checkpoint({}, options);
  const status = await checkpoint.read(objectGoldenPath("deferred", "ckpt"));
  const zero = () => variableOf(0, "float32");
  const k = variableOf([0, 0], "float32");
  const l: HostVariable[] = [];
  const m: Record<string, unknown> = { l };
  const x = zero();
  const steps: (() => HostVariable | undefined)[] = [
    () => undefined,
    () => {
      checkpoint.track({ k });
      return k;
    },
    () => {
      checkpoint.track({ m });
      return undefined;
    },
    () => l[l.push(zero()) - 1],
    () => l[l.push(zero()) - 1],
    () => {
      m.extra = variableOf(7, "float32");
      return m.extra as HostVariable;
    },
    () => {
      delete m.extra;
      m.x = x;
      return x;
    },
    () => {
      x.assign(8);
      m.x2 = x;
      return x;
    },
  ];
  for (const [i, step] of steps.entries()) {
    const { step: label, value, assert_consumed, assert_existing_objects_matched } = log[i];
    const variable = step();
    const passes = (assert: () => unknown) => {
      try {
        assert();
        return true;
      } catch {
        return false;
      }
    };
    expect(
      passes(() => status.assertConsumed()),
      label,
    ).toBe(assert_consumed);
    expect(
      passes(() => status.assertExistingObjectsMatched()),
      label,
    ).toBe(assert_existing_objects_matched);
    await status.settled();
    if (variable !== undefined) expect(numbersOf(variable), label).toEqual([value].flat());
  }
});

it.each<Row>(objectGolden("name-based").restores)(
  "reads a name-based checkpoint by names: $how, $target",
  async (row) => {
    const warnings: string[] = [];
    const children = new Builder().children({ kwargs: row.kwargs });
    const checkpoint = new Checkpoint(children, { storage, onWarning: (text) => warnings.push(text) });
    const path = objectGoldenPath("name-based", "model");
    const status = await (row.how === "read" ? checkpoint.read(path) : checkpoint.restore(path));
    expect(numbersOf(children.k as HostVariable)).toEqual(row.k_after);
    const all = {
      ...row,
      assert_existing_objects_matched: row.assert_consumed,
      assert_nontrivial_match: row.assert_consumed,
    };
    expectStatus(status, all, row.target);
    expect(warnings).toEqual([expect.stringContaining("name-based tf.train.Saver checkpoint")]);
  },
);

it("reads a checkpoint with a root into a checkpoint of its parts", async () => {
  const { restored_into_plain_kwargs } = objectGolden("root-attached");
  const children = { x: variableOf(0, "float32"), y: variableOf(0, "float32"), extra: variableOf(0, "float32") };
  const checkpoint = new Checkpoint(children, options);
  (await checkpoint.restore(objectGoldenPath("root-attached", "ckpt-1"))).assertConsumed();
  expect(Object.values(children).flatMap(numbersOf)).toEqual(restored_into_plain_kwargs.values);
});

it("reads the variables of a SavedModel", async () => {
  const { read_into_w } = objectGolden("saved-model-variables");
  const w = variableOf([0, 0], "float32");
  const status = await new Checkpoint({ w }, options).read(objectGoldenPath("saved-model-variables", "variables"));
  expect(numbersOf(w)).toEqual(read_into_w.value);
  expect(() => status.assertConsumed()).toThrow(read_into_w.assert_consumed.starts);
});

it("reads tensors that were cut by MaxShardSizePolicy", async () => {
  const { build, checkpoints } = objectGolden("max-shard-size");
  const children = new Builder().children(build) as Record<string, HostVariable>;
  const wanted = Object.fromEntries(Object.entries(children).map(([name, child]) => [name, numbersOf(child)]));
  for (const child of Object.values(children)) child.assign(zeroTensor(child.dtype, child.value.shape));
  (
    await new Checkpoint(children, options).read(objectGoldenPath("max-shard-size", checkpoints[0].prefix))
  ).assertConsumed();
  expect(Object.fromEntries(Object.entries(children).map(([name, child]) => [name, numbersOf(child)]))).toEqual(wanted);
});

it("gives a state of Python to an object of strings, also one that is added later", async () => {
  const { restored } = objectGolden("python-state");
  const path = objectGoldenPath("python-state", "ckpt");
  const [now, later] = [new Text(""), new Text("")];
  await new Checkpoint({ s: now }, options).read(path);
  expect(now.text).toBe(restored);
  const checkpoint = new Checkpoint({}, options);
  const status = await checkpoint.read(path);
  checkpoint.track({ s: later });
  await status.settled();
  expect(later.text).toBe(restored);
});

/** Cases whose objects are in their descriptions. */
const BUILT = ["flat-variables", "nested-containers", "shared-object", "escaped-names", "empty-containers", "partial"];

it.each(BUILT)("restores every value of %s", async (name) => {
  const { build, checkpoints } = objectGolden(name) as { build: object; checkpoints: ObjectGolden[] };
  const [golden] = checkpoints as [ObjectGolden];
  const written = new Builder().checkpoint(build, options);
  const blank = new Builder().checkpoint(build, options);
  const variables = allVariables(blank);
  for (const variable of variables) variable.assign(zeroTensor(variable.dtype, variable.value.shape));
  (await blank.read(objectGoldenPath(name, golden.prefix))).assertConsumed();
  expect(variables.map(({ value }) => expectedForm(value))).toEqual(
    allVariables(written).map(({ value }) => expectedForm(value)),
  );
  const all = Object.values(golden.tensors).map(({ bytes_hex, strings_b64 }) => bytes_hex ?? strings_b64?.join());
  const ours = variables.map(({ value }) => expectedForm(value) as ExpectedTensor);
  expect(ours.map(({ bytes_hex, strings_b64 }) => bytes_hex ?? strings_b64?.join()).sort()).toEqual(all.sort());
});

/** Returns all variables below an object, each once. */
function allVariables(root: Checkpoint): HostVariable[] {
  const found = new Set<object>([root]);
  for (const object of found) {
    const children =
      object instanceof Map
        ? object.values()
        : "trackableChildren" in object
          ? (object.trackableChildren as () => Map<string, object>)().values()
          : object instanceof HostVariable
            ? []
            : Object.values(object);
    for (const child of children) if (typeof child === "object") found.add(child);
  }
  return [...found].filter((object) => object instanceof HostVariable);
}

describe("slot variables", () => {
  const path = objectGoldenPath("slots-adam", "ckpt");
  const { tensors } = objectGolden("slots-adam").checkpoints[0] as ObjectGolden;
  const wanted = (key: string) => [tensors[`${key}/.ATTRIBUTES/VARIABLE_VALUE`]?.values].flat();
  const variables = () => ({ w: variableOf([0, 0], "float32"), z: variableOf([0, 0], "float32", [2, 1]) });
  const powers = () => ({ beta1_power: variableOf(0, "float32"), beta2_power: variableOf(0, "float32") });
  const slotOf = (opt: Optimizer, variable: HostVariable, slot: string) =>
    numbersOf(opt.getSlot(variable, slot) as HostVariable);

  it("are restored into those that the optimizer has", async () => {
    const { w, z } = variables();
    const opt = new Optimizer(["m", "v"], powers());
    for (const slot of ["m", "v"]) {
      opt.add(w, slot, variableOf([0, 0], "float32"));
      opt.add(z, slot, variableOf([0, 0], "float32", [2, 1]));
    }
    (await new Checkpoint({ opt, w, z }, options).read(path)).assertConsumed();
    expect(slotOf(opt, w, "m")).toEqual(wanted("w/.OPTIMIZER_SLOT/opt/m"));
    expect(slotOf(opt, z, "v")).toEqual(wanted("z/.OPTIMIZER_SLOT/opt/v"));
  });

  it("are made by an optimizer that makes them, whichever of optimizer and variable comes first", async () => {
    for (const later of ["opt", "w"]) {
      const { w, z } = variables();
      const opt = new Optimizer([], powers(), true);
      const { [later]: last, ...first } = { opt, w, z } as Record<string, object>;
      const checkpoint = new Checkpoint(first, options);
      const status = await checkpoint.read(path);
      expect(() => status.assertConsumed(), later).toThrow("Unresolved object in checkpoint (root)");
      checkpoint.track({ [later]: last });
      (await status.settled()).assertConsumed();
      expect(slotOf(opt, w, "m"), later).toEqual(wanted("w/.OPTIMIZER_SLOT/opt/m"));
    }
  });

  it("wait for an optimizer that makes them later", async () => {
    const { w, z } = variables();
    const opt = new Optimizer(["m", "v"], powers());
    const status = await new Checkpoint({ opt, w, z }, options).read(path);
    expect(() => status.assertConsumed()).toThrow(
      "Unresolved object in checkpoint (root).opt's state 'm' for (root).w: attributes {",
    );
    for (const slot of ["m", "v"]) {
      opt.add(w, slot, variableOf([0, 0], "float32"));
      opt.add(z, slot, variableOf([0, 0], "float32", [2, 1]));
    }
    await status.assertConsumed().settled();
    expect(slotOf(opt, w, "v")).toEqual(wanted("w/.OPTIMIZER_SLOT/opt/v"));
  });

  it("stay in the checkpoint if an object without slots has the place of the optimizer", async () => {
    const status = await new Checkpoint({ opt: powers(), ...variables() }, options).read(path);
    status.assertExistingObjectsMatched();
    expect(() => status.assertConsumed()).toThrow("(root).opt's state 'm' for (root).w");
  });
});
