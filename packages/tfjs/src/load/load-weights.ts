import { type CheckpointReader, openCheckpoint, retryIfReplaced, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
import { type OperationOptions, type OptionNames, requireKnown } from "@tfsaver/core";
import { explainingFiles } from "@tfsaver/kept-checkpoints";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { layerNode } from "../models/layer-node.js";
import { nameOf, type TfjsModel } from "../tensorflowjs.js";
import { saveableOf } from "../values/variable-saveable.js";
import { converted, type PlannedWeight, planWeight } from "./convert.js";
import { matchNames } from "./match-names.js";
import { matchStructure } from "./match-structure.js";
import { type LoadReport, requireAll } from "./report.js";
import { keyNamed, readStored, type StoredValues } from "./stored-values.js";

/** The value of a checkpoint for a weight. */
export interface WeightSource {
  /** A key, the path of an object, or the name of a variable in the checkpoint. */
  readonly name: string;
  /** The axes of the stored value in the order of the weight's: `[1, 0]` transposes a matrix. Default: as stored. */
  readonly transpose?: readonly number[] | undefined;
}

/** Returns what to load into a weight; `undefined` for what is found without a map. */
export type WeightMap = (weight: string) => string | WeightSource | undefined;

/** Options of {@link loadWeights}. */
export interface LoadWeightsOptions extends OperationOptions {
  /** What to load into weights, by their names, such as `dense_Dense1/kernel`. Weights without an entry are found as ever. */
  readonly map?: Readonly<Record<string, string | WeightSource>> | WeightMap | undefined;
  /** False to load what fits even if some weights have no value, or one of another shape. Default: true. */
  readonly strict?: boolean | undefined;
  /** Where the checkpoint is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

const OPTIONS: OptionNames<LoadWeightsOptions> = {
  map: true,
  strict: true,
  storage: true,
  signal: true,
  onProgress: true,
};

/**
 * Loads the weights of a model from a checkpoint of Keras, TensorFlow 1 or this package. All are read and checked before the
 * first one changes.
 *
 * In an object-based checkpoint, weights are found by the places of their layers in the model, or by name if that finds more; in
 * a name-based one by name. A name may begin with the name of the model, and have that of a cell before its last part:
 * `net/lstm/lstm_cell/kernel` is `lstm/kernel`. int64 values are loaded into int32 weights.
 *
 * @param path - a prefix, a file of a checkpoint, its folder, or the folder of a SavedModel
 * @returns what was loaded, and what was not
 * @throws `NotFoundError` if there is no checkpoint, or with `strict` a weight has no value; `ValueError` if a value has another
 * dtype or shape (with `strict`), or an int64 does not fit into an int32;
 * `DataLossError` if the checkpoint is damaged. No weight has changed then.
 * @example
 * ```ts
 * import { HttpStorage } from "@tfsaver/storage/http";
 * import { loadWeights, type TfjsModel } from "@tfsaver/tfjs";
 *
 * export async function load(model: TfjsModel) {
 *   const storage = new HttpStorage("https://example.com/models/");
 *   const { loaded, unused } = await loadWeights(model, "ckpt-7", { storage });
 *   console.log(loaded.length, "weights loaded, not used:", unused);
 * }
 * ```
 */
export async function loadWeights(
  model: TfjsModel,
  path: string,
  options: LoadWeightsOptions = {},
): Promise<LoadReport> {
  requireKnown("loadWeights", options, OPTIONS);
  const { storage = defaultStorage(), signal, onProgress } = options;
  const prefix = await resolveCheckpoint(path, { storage });
  const readOnce = async () => {
    const reader = await openCheckpoint(prefix, { storage, signal });
    try {
      return await read(model, reader, options, { signal, onProgress });
    } finally {
      await reader.close();
    }
  };
  const { report, assignments } = await explainingFiles(prefix, { storage, signal }, () =>
    retryIfReplaced(prefix, readOnce),
  );
  for (const assign of assignments) assign();
  return report;
}

/** Reads the values that fit, and checks them. Changes no weight. */
async function read(
  model: TfjsModel,
  reader: CheckpointReader,
  { map, strict = true }: LoadWeightsOptions,
  options: OperationOptions,
): Promise<{ readonly report: LoadReport; readonly assignments: readonly (() => void)[] }> {
  const stored = await readStored(reader, options);
  const { planned, missing } = plan(model, stored, map);
  const fitting = planned.filter(({ problem }) => problem === undefined);
  const used = new Set(planned.map(({ info }) => info.name));
  const report: LoadReport = {
    loaded: fitting.map(({ name }) => name),
    missing,
    mismatched: planned.flatMap(({ name, info, problem }) =>
      problem === undefined ? [] : [{ name, key: info.name, problem }],
    ),
    unused: [...stored.infos.keys()].filter((key) => !used.has(key)),
  };
  if (strict) requireAll(report, model.name, reader.prefix);
  const tensors = await reader.getAll(
    fitting.map(({ info }) => ({ name: info.name })),
    options,
  );
  const values = fitting.map((weight, index) => converted(weight, tensors[index] as (typeof tensors)[number]));
  return {
    report,
    assignments: fitting.map(
      ({ saveable }, index) =>
        () =>
          saveable.restore([values[index] as (typeof values)[number]]),
    ),
  };
}

/** Decides which value each weight gets. */
function plan(model: TfjsModel, stored: StoredValues, map: LoadWeightsOptions["map"]) {
  const sourceOf: WeightMap =
    typeof map === "function" ? map : (name) => (map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined);
  const byStructure = matchStructure(layerNode(model), stored);
  const byName = matchNames(model.weights, stored);
  const found = byStructure.size >= byName.size ? byStructure : byName;
  const planned: PlannedWeight[] = [];
  const missing: string[] = [];
  for (const weight of model.weights) {
    const name = nameOf(weight);
    const saveable = saveableOf(weight);
    const given = sourceOf(name);
    const source = typeof given === "string" ? { name: given } : given;
    const key = source === undefined ? found.get(saveable) : keyNamed(source.name, stored);
    const info: TensorInfo | undefined = key === undefined ? undefined : stored.infos.get(key);
    if (info === undefined) missing.push(source === undefined ? name : `${name} (as ${source.name})`);
    else planned.push(planWeight({ name, saveable, info, transpose: source?.transpose }));
  }
  return { planned, missing };
}
