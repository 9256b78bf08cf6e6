import { dtypeMessageName, formatShape, InvalidArgumentError, numElements, type Tensor } from "@tfsaver/core";
import { tensorFromProto } from "@tfsaver/graph";
import type { TensorProto } from "@tfsaver/proto/graph";
import type { Kernel, KernelCall } from "../kernel.js";
import { costOf, REFERENCE_SIZE } from "../run/memory/tensor-size.js";

/** Nanoseconds, roughly, that decoding an element takes. */
const STEPS = 4;

/** A constant's value, and the message that it was decoded from. */
interface Decoded {
  proto: TensorProto;
  tensor: Tensor | undefined;
}

/** Decodes a constant once per session, and again if its attribute is replaced. */
function constant(call: KernelCall): Tensor {
  const proto = call.attributes.tensor("value");
  const cache = call.state<Decoded>(() => ({ proto, tensor: undefined }));
  if (cache.tensor === undefined || cache.proto !== proto) {
    cache.proto = proto;
    const shape = proto.tensorShape?.dim.map(({ size }) => size) ?? [];
    call.given(proto.stringVal.reduce((sum, { length }) => sum + length + REFERENCE_SIZE, proto.tensorContent.length));
    call.reserve({ ...costOf(call.attributes.type("dtype"), shape), steps: STEPS * numElements(shape) });
    cache.tensor = tensorFromProto(proto);
    call.keep(cache.tensor);
  }
  return cache.tensor;
}

/** Fails, because a placeholder runs only if it is not fed. */
function placeholder({ op, attributes }: KernelCall): never {
  const shape = attributes.has("shape") ? attributes.shape("shape") : undefined;
  // As in TensorFlow, a scalar shape is not mentioned: in old graphs it means an unknown shape.
  const withShape = shape === undefined || shape.length === 0 ? "" : ` and shape ${formatShape(shape)}`;
  throw new InvalidArgumentError(
    `You must feed a value for placeholder tensor '${op.name}' with dtype ` +
      dtypeMessageName(attributes.type("dtype")) +
      withShape,
  );
}

const sameValue: Kernel = (call) => call.input(0);

/** Kernels of operations that return a value unchanged or return none. */
export const constantKernels: Readonly<Record<string, Kernel>> = {
  Const: constant,
  Placeholder: placeholder,
  PlaceholderWithDefault: sameValue,
  Identity: sameValue,
  NoOp: () => undefined,
};
