import { type OptionNames, requireKnown, ValueError } from "@tfsaver/core";
import type { HostSaveable } from "@tfsaver/saver-builders";
import { OptimizerState } from "./optimizers/optimizer-state.js";
import { Tf1Optimizer } from "./optimizers/tf1-optimizer.js";
import { isModel, isOptimizer, nameOf, type TfjsModel, type TfjsOptimizer, type TfjsValue } from "./tensorflowjs.js";
import { saveableOf } from "./values/variable-saveable.js";

/** Options of {@link saveablesOf}. */
export interface SaveablesOptions {
  /**
   * Other names to save under, by the names here, or a function that returns them; `undefined` from the function leaves a value
   * out. Default: the names here.
   */
  readonly names?: Readonly<Record<string, string>> | ((name: string) => string | undefined) | undefined;
  /** The variables that an optimizer trains, in the order of their gradients. Default: as for `trackable`. */
  readonly variables?: readonly TfjsValue[] | undefined;
}

const OPTIONS: OptionNames<SaveablesOptions> = { names: true, variables: true };

/**
 * Returns the values of a model, an optimizer or variables by name, for a `Saver` with the option `eager`.
 *
 * A model's names are those of its weights, such as `dense_Dense1/kernel`. An optimizer's are those of `tf.compat.v1.train`:
 * `w/Adam` and `w/Adam_1` for the slots of `w`, `beta1_power` and `beta2_power` in place of the number of steps.
 *
 * @throws `ValueError` if two values have the same name; as `trackable` for optimizers.
 * @example
 * ```ts
 * import { variable, tensor } from "@tensorflow/tfjs-core";
 * import { Saver } from "@tfsaver/saver";
 * import { LocalSession } from "@tfsaver/session-local";
 * import { saveablesOf } from "@tfsaver/tfjs";
 *
 * const weights = variable(tensor([1, 2]), true, "w");
 * const varList = saveablesOf([weights], { names: { w: "layer/weights" } });
 * const saver = new Saver({ varList, eager: (graph) => new LocalSession(graph) });
 * await saver.save(null, "run/model.ckpt");
 * ```
 */
export function saveablesOf(
  source: TfjsModel | TfjsOptimizer | readonly TfjsValue[],
  options: SaveablesOptions = {},
): Readonly<Record<string, HostSaveable>> {
  requireKnown("saveablesOf", options, OPTIONS);
  const { names = {} } = options;
  const rename =
    typeof names === "function" ? names : (name: string) => (Object.hasOwn(names, name) ? names[name] : name);
  const named = new Map<string, HostSaveable>();
  for (const [own, saveable] of valuesOf(source, options)) {
    const name = rename(own);
    if (name === undefined) continue;
    if (named.has(name)) {
      throw new ValueError(
        `At least two values have the same name: ${name}. Pass \`names\` that tell ${own} from the other.`,
      );
    }
    named.set(name, saveable);
  }
  return Object.fromEntries(named);
}

function valuesOf(
  source: TfjsModel | TfjsOptimizer | readonly TfjsValue[],
  { variables }: SaveablesOptions,
): Iterable<readonly [string, HostSaveable]> {
  const ofValues = (values: readonly TfjsValue[]) => values.map((value) => [nameOf(value), saveableOf(value)] as const);
  if (Array.isArray(source)) return ofValues(source);
  if (isOptimizer(source)) return new Tf1Optimizer(new OptimizerState(source, () => variables)).named();
  if (!isModel(source)) throw new ValueError("saveablesOf takes a model, an optimizer or an array of variables");
  return ofValues(source.weights);
}
