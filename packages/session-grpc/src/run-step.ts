import { contentSize, dtypeToEnum, InternalError, type Tensor, tensorBytes } from "@tfsaver/core";
import { Operation, Output, shapeToProto, tensorFromProto, tensorToProto } from "@tfsaver/graph";
import { TensorProto } from "@tfsaver/proto/graph";
import { NamedTensorProto, type RunStepRequest } from "@tfsaver/proto/master";

/** One run: builds the request to the server, and reads its answer. */
export class Step {
  /** Names of the outputs that the server computes. Fed outputs are known already. */
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

  /** True if there is nothing for a server to do. */
  get isEmpty(): boolean {
    return this.#fetched.length === 0 && this.#operations.length === 0;
  }

  /** Size of the fed tensors in bytes. */
  get fedBytes(): number {
    return [...this.fed.values()].reduce((bytes, tensor) => bytes + contentSize(tensor), 0);
  }

  /** Returns the fields of the request. */
  request(): Pick<RunStepRequest, "feed" | "fetch" | "target"> {
    return {
      feed: Array.from(this.fed, ([{ name }, tensor]) => NamedTensorProto.create({ name, tensor: protoOf(tensor) })),
      fetch: [...this.#fetched],
      target: [...this.#operations],
    };
  }

  /** Returns the result of each target, given the tensors of the server's answer. */
  results(answered: readonly NamedTensorProto[]): (Tensor | null)[] {
    const values = new Map(answered.map(({ name, tensor }) => [name, tensor && tensorFromProto(tensor)]));
    return this.targets.map((target) => {
      if (target instanceof Operation) return null;
      const value = this.fed.get(target) ?? values.get(target.name);
      if (value === undefined) throw new InternalError(`The server returned no value for ${target.name}`);
      return value;
    });
  }
}

/** Converts a tensor to a message. Numbers are sent as raw bytes, even dtypes that a graph's constants list one by one. */
function protoOf(tensor: Tensor): TensorProto {
  const { dtype, shape } = tensor;
  if (dtype === "string") return tensorToProto(tensor);
  const tensorContent = tensorBytes(tensor);
  return TensorProto.create({ dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape), tensorContent });
}
