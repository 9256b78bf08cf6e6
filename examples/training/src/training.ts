import {
  type Graph,
  type Operation,
  type Output,
  placeholder,
  type Session,
  type Tensor,
  toTensor,
  Variable,
} from "tfsaver";
import { batchOf, type Flowers } from "./flowers.js";
import { initialValues, lossAndGradients, PARAMETERS } from "./network.js";

const SEED = 1;

export const BATCH_SIZE = 15;
export const LEARNING_RATE = 0.02;
export const MOMENTUM = 0.9;

/**
 * Trains the network by gradient descent with momentum. Everything that the next step depends on is in variables, so a training
 * that restores them goes on as if nothing had happened. They have the names of `tf.compat.v1.train.MomentumOptimizer`.
 */
export class Training {
  /** Initialize the variables. */
  readonly initializers: readonly Operation[];
  readonly #flowers: Flowers;
  readonly #parameters: readonly Variable[];
  readonly #momenta: readonly Variable[];
  /** The places where the next values of parameters and momenta are fed. */
  readonly #next: readonly Output[];
  /** Assign the fed values, and count the step. */
  readonly #update: readonly (Operation | Output)[];

  /** Adds the variables and their assignments to a graph, once: steps add nothing. */
  constructor(graph: Graph, flowers: Flowers) {
    this.#flowers = flowers;
    const initial = initialValues(SEED);
    const create = (value: Tensor, name: string, trainable: boolean) =>
      Variable.create(value, { graph, name, trainable });
    this.#parameters = initial.map((value, i) => create(value, PARAMETERS[i]?.name ?? "", true));
    this.#momenta = initial.map((value, i) =>
      create(
        mapTensor(value, () => 0),
        `${PARAMETERS[i]?.name}/Momentum`,
        false,
      ),
    );
    const globalStep = Variable.create(0n, { graph, name: "global_step", trainable: false });

    const variables = [...this.#parameters, ...this.#momenta];
    this.initializers = [...variables, globalStep].map(({ initializer }) => initializer);
    this.#next = variables.map(({ dtype, shape }) => placeholder(dtype, { graph, shape }));
    const assigned = variables.map((variable, i) => variable.assign(this.#next[i] as Output));
    this.#update = [...assigned, globalStep.assignAdd(1n)];
  }

  /** Takes a step, and returns the loss before it: the mean cross entropy over the flowers of this step. */
  async step(session: Session, step: number): Promise<number> {
    const [parameters, momenta] = [await session.run(this.#parameters), await session.run(this.#momenta)];
    const { loss, gradients } = lossAndGradients(parameters, batchOf(step, BATCH_SIZE, this.#flowers));
    const nextMomenta = momenta.map((momentum, i) =>
      mapTensor(momentum, (value, j) => MOMENTUM * value + (gradients[i]?.[j] ?? 0)),
    );
    const nextParameters = parameters.map((parameter, i) =>
      mapTensor(parameter, (value, j) => value - LEARNING_RATE * Number(nextMomenta[i]?.data[j] ?? 0)),
    );
    const values = [...nextParameters, ...nextMomenta];
    await session.run(this.#update, new Map(this.#next.map((place, i) => [place, values[i] as Tensor])));
    return loss;
  }

  /** Returns the values of the network's parameters. */
  parameters(session: Session): Promise<Tensor[]> {
    return session.run(this.#parameters);
  }
}

function mapTensor({ shape, data }: Tensor, change: (value: number, i: number) => number): Tensor {
  return toTensor((data as Float32Array).map(change), "float32", shape);
}
