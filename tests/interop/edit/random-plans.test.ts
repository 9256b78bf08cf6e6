import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EditStep, editCheckpoint } from "@tfsaver/checkpoint-tools";
import { type DType, isCheckpointError, numElements, type Tensor } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type Content,
  inShards,
  patternOf,
  randomParts,
  randomTensor,
  writeContent,
} from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";
import { Oracle, type Tensors } from "../oracle.js";

/** Seed of the first plan. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const PLANS = 150;

/** Dtypes whose slices TensorFlow can join. */
const DTYPES: readonly DType[] = [
  "float32",
  "float64",
  "int32",
  "int64",
  "uint8",
  "int8",
  "int16",
  "bool",
  "complex64",
];
/** Those that it only reads whole, and not from V1. */
const ONLY_V2: readonly DType[] = ["float16", "bfloat16", "string", "uint16"];
const NAMES = ["w", "b", "emb", "w/Adam", "größe", "层", "a b", "x.y", "__proto__"];
const SCOPES = ["", "net/", "tower_0/", "tower_1/deep/"];

/** A step, and for a rename the arguments of Python's `re.sub`. */
type Step = EditStep & { readonly python?: readonly [string, string] };

const RENAMES: readonly Step[] = [
  { rename: "s/^tower_0\\///", python: ["^tower_0/", ""] },
  { rename: "s|net/|other/scope/|", python: ["net/", "other/scope/"] },
  { rename: "s/(w|b)$/&_\\1/", python: ["(w|b)$", "\\g<0>_\\1"] },
  { rename: "s/tower_[01]/t/", python: ["tower_[01]", "t"] },
  { rename: "s/^.//", python: ["^.", ""] },
];
const PATTERNS = ["*w*", "net/*", "tower_?/*", "*[bB]", "*Adam", "x.*", "*"];

let oracle: Oracle;
let root: string;
beforeAll(() => {
  oracle = new Oracle();
  root = mkdtempSync(join(tmpdir(), "tfsaver-plans-"));
});
afterAll(() => {
  oracle.close();
  rmSync(root, { recursive: true });
});

it(`${PLANS} random plans from seed ${SEED} give what NumPy gives, read by TensorFlow, or both fail`, async () => {
  let successes = 0;
  for (let seed = SEED; seed < SEED + PLANS; seed++) {
    const random = new Random(seed);
    const folder = join(root, String(seed));
    mkdirSync(folder);
    const version = random.chance(0.7) ? "V2" : "V1";
    const content = contentOf(random, version);
    await writeContent(new NodeStorage(), join(folder, "m"), content);
    await writeContent(new NodeStorage(), join(folder, "other"), contentOf(random, version));
    const source = patternOf(join(folder, "m"), content);
    const steps = stepsOf(random, content, join(folder, "other"), version);
    const wanted = await oracle.ask<Tensors | null>("edit_by_hand", { prefix: source, steps });
    const shards = 1 + random.below(3);
    const made = await editCheckpoint(source, join(folder, "out"), { steps, shards }).catch((error: unknown) => {
      if (!isCheckpointError(error)) throw error;
      return undefined;
    });
    const where = `seed ${seed}: ${JSON.stringify(steps)}`;
    const found = made === undefined ? null : await oracle.ask<Tensors>("read_comparable", { prefix: made.prefix });
    expect(found, where).toEqual(wanted);
    if (found !== null) successes++;
    rmSync(folder, { recursive: true });
  }
  expect(successes).toBeGreaterThan(PLANS / 3);
});

function contentOf(random: Random, version: "V1" | "V2"): Content {
  const tensors = new Map<string, { tensor: Tensor; parts: ReturnType<typeof randomParts> }>();
  for (let i = 2 + random.below(10); i > 0; i--) {
    const name = random.pick(SCOPES) + random.pick(NAMES);
    const dtype = random.pick([...DTYPES, ...(version === "V2" ? ONLY_V2 : [])]);
    const tensor = randomTensor(random, dtype);
    const whole = [{ name, shape: tensor.shape, slice: undefined, tensor }];
    tensors.set(name, { tensor, parts: DTYPES.includes(dtype) ? randomParts(random, name, tensor) : whole });
  }
  return inShards(version, tensors, 1, random);
}

function stepsOf(random: Random, { tensors }: Content, other: string, version: "V1" | "V2"): Step[] {
  const steps: Step[] = [];
  const name = () => random.pick([...tensors.keys()]);
  // These name tensors, so they come before what renames them.
  if (random.chance(0.4)) {
    const reshaped = name();
    const { shape } = (tensors.get(reshaped) as { tensor: Tensor }).tensor;
    steps.push({ reshape: reshaped, shape: numElements(shape) === 0 ? [...shape, 0] : [-1, shape[0] ?? 1] });
  }
  const cut = [...tensors].find(([, { tensor }]) => DTYPES.includes(tensor.dtype) && (tensor.shape[0] ?? 0) > 1);
  if (cut !== undefined && steps.length === 0 && random.chance(0.4)) steps.push({ reslice: cut[0], slices: 2 });
  if (random.chance(0.4)) {
    const mapped = name();
    steps.push({ map: { [mapped]: random.pick([["copy", mapped], ["moved"], ["one", "two"], [name()]]) } });
  }
  const others: (() => Step | Step[])[] = [
    () => random.pick(RENAMES),
    () => ({ keep: [random.pick(PATTERNS), random.pick(PATTERNS)] }),
    () => ({ drop: [random.pick(PATTERNS.slice(0, -1))] }),
    () => ({ cast: random.pick<DType>(version === "V2" ? ["bfloat16", "float64"] : ["float32", "float64"]) }),
    // TensorFlow can't join slices of float16, and reads none from V1.
    () => (version === "V2" ? [{ reslice: "*", slices: 1 }, { cast: "float16" }] : { cast: "float64" }),
    () => ({ cast: "float32", match: [random.pick(PATTERNS)] }),
    () => ({ addScope: random.pick(["scope", "a/b"]) }),
    () => ({ merge: other }),
  ];
  for (let i = 1 + random.below(3); i > 0; i--) steps.push(...[random.pick(others)()].flat());
  return steps;
}
