import {
  type DType,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  isFullyDefined,
  makeTensor,
  NotFoundError,
  numElements,
  shapesEqual,
  type Tensor,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import type { LocalVariable } from "../resources/local-variable.js";
import { resourceKeyOf } from "./arguments.js";
import { after } from "./compute.js";
import { arithmetic } from "./math/arithmetic.js";
import { isNumber } from "./math/number-kinds.js";

function handle(call: KernelCall): LocalVariable {
  return call.state(resourceVariable);
}

function resourceVariable(call: KernelCall): LocalVariable {
  return call.variableOf({ kind: "resource", ...resourceKeyOf(call) });
}

function reference(call: KernelCall): LocalVariable {
  const variable = call.state(referenceVariable);
  const { value, declaredShape = [] } = variable;
  if (value === undefined && numElements(declaredShape) === 0) {
    call.assign(variable, zeroTensor(call.attributes.type("dtype"), declaredShape));
  }
  return variable;
}

function referenceVariable(call: KernelCall): LocalVariable {
  // As in TensorFlow, an unknown rank counts as that of a scalar until a value is assigned without a shape check.
  const shape = call.attributes.shape("shape") ?? [];
  if (!isFullyDefined(shape)) throw new InvalidArgumentError(`Shape ${formatShape(shape)} is not fully defined`);
  return call.variableOf({ kind: "reference", ...resourceKeyOf(call) }, shape);
}

/** Attributes of an operation on a resource variable. They are cached, because reading them takes most of its time. */
interface Declared {
  readonly dtype: DType;
  readonly validateShape: boolean;
}

function declaredBy({ attributes }: KernelCall): Declared {
  const validateShape = attributes.has("validate_shape") && attributes.bool("validate_shape");
  return { dtype: attributes.type("dtype"), validateShape };
}

function read(call: KernelCall): Tensor {
  const value = call.variable(0).read();
  const { dtype } = call.state(declaredBy);
  if (value.dtype === dtype) return value;
  throw new InvalidArgumentError(
    `Trying to read variable with wrong dtype. Expected ${dtypeMessageName(dtype)} got ${dtypeMessageName(value.dtype)}`,
  );
}

function requireDtype(wanted: DType, value: Tensor): void {
  if (wanted === value.dtype) return;
  throw new InvalidArgumentError(
    `Trying to assign variable with wrong dtype. Expected ${dtypeMessageName(wanted)} got ` +
      dtypeMessageName(value.dtype),
  );
}

/** Assigns to a reference variable. Without `validate_shape`, it takes the shape of the value. */
function assignReference(call: KernelCall): LocalVariable {
  const variable = call.variable(0);
  const value = call.input(1);
  requireDtype(call.attributes.type("T"), value);
  const shape = variable.value?.shape ?? variable.declaredShape ?? value.shape;
  if (call.attributes.bool("validate_shape") && !shapesEqual(shape, value.shape)) {
    throw new InvalidArgumentError(
      "Assign requires shapes of both tensors to match. " +
        `lhs shape= ${formatShape(shape)} rhs shape= ${formatShape(value.shape)}`,
      { tensor: call.op.inputs[0]?.op.name },
    );
  }
  call.assign(variable, value);
  return variable;
}

/** Assigns to a resource variable. With `validate_shape`, the shape of an existing value must stay the same. */
function assignResource(call: KernelCall): void {
  const variable = call.variable(0);
  const value = call.input(1);
  const { value: before } = variable;
  const { dtype, validateShape } = call.state(declaredBy);
  requireDtype(before?.dtype ?? dtype, value);
  if (validateShape && before !== undefined && !shapesEqual(before.shape, value.shape)) {
    throw new InvalidArgumentError(
      "Trying to assign to variable with tensor with wrong shape. " +
        `Expected ${formatShape(before.shape)} got ${formatShape(value.shape)}`,
    );
  }
  call.assign(variable, value);
}

/**
 * Assigns the sum or difference of a variable's value and the input.
 *
 * @param read - returns the value, and checks that the input fits it
 */
function update(call: KernelCall, opType: "Add" | "Sub", read: () => Tensor): void | Promise<void> {
  const variable = call.variable(0);
  const before = read();
  const { dtype, shape } = before;
  // During a long computation, another run may assign a value, which then is the one to update.
  return after(arithmetic(call, opType, asNumbers(call, before), asNumbers(call, call.input(1))), ({ data }) =>
    variable.value === before ? call.assign(variable, makeTensor(dtype, shape, data)) : update(call, opType, read),
  );
}

/** Returns a tensor whose elements can be added. The parts of complex numbers are added one by one. */
function asNumbers({ op }: KernelCall, tensor: Tensor): Tensor {
  const { dtype, shape, data } = tensor;
  if (dtype === "complex64" || dtype === "complex128") {
    return makeTensor(dtype === "complex64" ? "float32" : "float64", [...shape, 2], data);
  }
  if (isNumber(dtype)) return tensor;
  const attribute = op.attrs.has("T") ? "T" : "dtype";
  throw new InvalidArgumentError(
    `No OpKernel was registered to support Op '${op.type}' used by {{node ${op.name}}} with these attrs: ` +
      `[${attribute}=DT_${dtype.toUpperCase()}]`,
  );
}

function updateReference(opType: "Add" | "Sub"): Kernel {
  return (call) => {
    const variable = call.variable(0);
    const updating = update(call, opType, () => {
      const before = variable.read();
      if (shapesEqual(before.shape, call.input(1).shape)) return before;
      throw new InvalidArgumentError("Parameters and update must be the same size");
    });
    return after(updating, () => variable);
  };
}

function updateResource(opType: "Add" | "Sub"): Kernel {
  return (call) => {
    const variable = call.variable(0);
    return update(call, opType, () => {
      const { value: before } = variable;
      if (before === undefined) {
        const container = variable.container === "" ? "localhost" : variable.container;
        throw new NotFoundError(`Resource ${container}/${variable.name} does not exist.`);
      }
      const { shape } = call.input(1);
      if (shapesEqual(before.shape, shape)) return before;
      throw new InvalidArgumentError(
        `Cannot update variable with shape ${formatShape(before.shape)} using a Tensor with shape ` +
          `${formatShape(shape)}, shapes must be equal.`,
      );
    });
  };
}

const isInitialized: Kernel = (call) =>
  makeTensor("bool", [], Uint8Array.of(call.variable(0).value === undefined ? 0 : 1));

/** Kernels of operations that make, read, assign and update variables of both kinds. */
export const variableKernels: Readonly<Record<string, Kernel>> = {
  Variable: reference,
  VariableV2: reference,
  IsVariableInitialized: isInitialized,
  Assign: assignReference,
  AssignAdd: updateReference("Add"),
  AssignSub: updateReference("Sub"),
  VarHandleOp: handle,
  VarIsInitializedOp: isInitialized,
  ReadVariableOp: read,
  // Values are never changed in place, so there is no copy on read to disable.
  DisableCopyOnRead: (call) => void call.variable(0).read(),
  AssignVariableOp: assignResource,
  AssignAddVariableOp: updateResource("Add"),
  AssignSubVariableOp: updateResource("Sub"),
};
