import { dtypeToEnum, InternalError, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import { Operation, Output, shapeToProto, tensorFromProto, tensorToProto } from "@tfsaver/graph";
import { TensorProto } from "@tfsaver/proto/graph";
import { NamedTensorProto, type RunStepRequest } from "@tfsaver/proto/master";

/** One run: what is asked of the server, and what its answer means. */
export class Step {
  /** Names of what the server computes; what is fed is known already. */
  readonly #fetched: readonly string[];
  readonly #operations: readonly string[];

  constructor(
    private readonly targets: readonly (Output | Operation)[],
    private readonly fed: ReadonlyMap<Output, Tensor>,
  ) {
    const outputs = targets.filter((target) => target instanceof Output && !fed.has(target));
    const operations = targets.filter((target) => target instanceof Operation);
    this.#fetched = [...new Set(outputs.map(({ name }) => name))];
    this.#operations = [...new Set(operations.map(({ name }) => name))];
  }

  /** Whether there is nothing for a server to do. */
  get isEmpty(): boolean {
    return this.#fetched.length === 0 && this.#operations.length === 0;
  }

  /** How many bytes the elements of the fed tensors have. */
  get fedBytes(): number {
    return [...this.fed.values()].reduce((bytes, tensor) => bytes + sizeOf(tensor), 0);
  }

  /** The fields of the request. */
  request(): Pick<RunStepRequest, "feed" | "fetch" | "target"> {
    return {
      feed: Array.from(this.fed, ([{ name }, tensor]) => NamedTensorProto.create({ name, tensor: protoOf(tensor) })),
      fetch: [...this.#fetched],
      target: [...this.#operations],
    };
  }

  /** What each target gives, out of the tensors that the server has answered. */
  results(answered: readonly NamedTensorProto[]): (Tensor | null)[] {
    const values = new Map(answered.map(({ name, tensor }) => [name, tensor && tensorFromProto(tensor)]));
    return this.targets.map((target) => {
      if (target instanceof Operation) return null;
      const value = this.fed.get(target) ?? values.get(target.name);
      if (value === undefined) throw new InternalError(`The server gave no value of ${target.name}`);
      return value;
    });
  }
}

function sizeOf(tensor: Tensor): number {
  if (tensor.dtype !== "string") return tensorBytes(tensor).length;
  return tensorStrings(tensor).reduce((bytes, text) => bytes + text.length, 0);
}

/** A tensor as a message. Numbers go as they lie in memory, even those that a graph's constants list one by one. */
function protoOf(tensor: Tensor): TensorProto {
  const { dtype, shape } = tensor;
  if (dtype === "string") return tensorToProto(tensor);
  const tensorContent = tensorBytes(tensor);
  return TensorProto.create({ dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape), tensorContent });
}
