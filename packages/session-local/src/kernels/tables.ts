import {
  allocateTensor,
  contentSize,
  type DType,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { HashTable, type TableElement, type TableEntry } from "../resources/hash-table.js";
import { STRING_ELEMENTS } from "../run/cost.js";
import { costOf, costOfText, REFERENCE_SIZE } from "../run/memory/tensor-size.js";
import { resourceKeyOf, stringsOf } from "./arguments.js";
import { after } from "./compute.js";

/** Nanoseconds, roughly, that an entry takes: to insert, to look up or to export. */
const STEPS_PER_ENTRY = 512;

function table(call: KernelCall): HashTable {
  const dtypes = [call.attributes.type("key_dtype"), call.attributes.type("value_dtype")] as const;
  const key = resourceKeyOf(call);
  const found = call.resourceOf(HashTable, key, () => new HashTable(key, ...dtypes));
  found.requireDtypes(...dtypes);
  return found;
}

/** @throws `InvalidArgumentError` if a tensor of keys or values has a wrong dtype. */
function requireDtype(what: "Key" | "Value", { dtype }: Tensor, wanted: DType): void {
  if (dtype === wanted) return;
  throw new InvalidArgumentError(`${what} must be type ${dtypeMessageName(wanted)} but got ${dtypeMessageName(dtype)}`);
}

/**
 * Sets the values of keys.
 *
 * @throws `InvalidArgumentError` if keys or values have a wrong dtype, or different shapes.
 */
function insert(call: KernelCall, into: HashTable): void | Promise<void> {
  const [keys, values] = [call.input(1), call.input(2)];
  requireDtype("Key", keys, into.keyDtype);
  requireDtype("Value", values, into.valueDtype);
  if (!shapesEqual(values.shape, keys.shape)) {
    throw new InvalidArgumentError(
      `Expected shape ${formatShape(keys.shape)} for value, got ${formatShape(values.shape)}`,
    );
  }
  const count = numElements(keys.shape);
  call.reserve({ elements: count * STRING_ELEMENTS, bytes: count * 2 * REFERENCE_SIZE });
  for (const tensor of [keys, values]) if (!isNumeric(tensor.dtype)) call.reserve(costOfText(contentSize(tensor)));
  const [from, stored] = [listOf(call, keys), listOf(call, values)];
  return call.inPieces(
    count,
    STEPS_PER_ENTRY,
    (start, end) => {
      for (let i = start; i < end; i++) into.set(from[i] as TableElement, stored[i] as TableElement);
    },
    undefined,
  );
}

/** Replaces the whole content. If the new one doesn't fit, the table stays as it is. Throws as {@link insert}. */
function replace(call: KernelCall): void | Promise<void> {
  const into = call.resource(0, HashTable);
  const next = into.makeEmpty();
  return after(insert(call, next), () => into.replace(next));
}

/**
 * Looks up the values of keys. The last input has the values of missing keys: a scalar, or one value per key.
 *
 * @throws `InvalidArgumentError` if keys or defaults have a wrong dtype, or the shapes don't fit.
 */
function find(call: KernelCall): Tensor | Promise<Tensor> {
  const from = call.resource(0, HashTable);
  const [keys, defaults] = [call.input(1), call.input(2)];
  requireDtype("Key", keys, from.keyDtype);
  requireDtype("Value", defaults, from.valueDtype);
  if (defaults.shape.length > 0 && !shapesEqual(defaults.shape, keys.shape)) {
    throw new InvalidArgumentError(
      `Expected shape [] or ${formatShape(keys.shape)} for default value, got ${formatShape(defaults.shape)}`,
    );
  }
  const [wanted, missing] = [listOf(call, keys), listOf(call, defaults)];
  const step = defaults.shape.length > 0 ? 1 : 0;
  const { tensor, elements } = makeList(call, from.valueDtype, keys.shape);
  const look = (start: number, end: number) => {
    for (let i = start; i < end; i++) {
      elements[i] = from.get(wanted[i] as TableElement) ?? (missing[i * step] as TableElement);
    }
  };
  call.reserve({ steps: contentSize(keys) });
  return after(call.inPieces(wanted.length, STEPS_PER_ENTRY, look, tensor), (found) => kept(call, found));
}

/** Returns all keys and their values. */
function exportAll(call: KernelCall): Tensor[] | Promise<Tensor[]> {
  const from = call.resource(0, HashTable);
  call.reserve({ bytes: from.size * REFERENCE_SIZE });
  // A list, so that what is inserted between the pieces of the work doesn't matter.
  const entries = [...from.entries()];
  const keys = makeList(call, from.keyDtype, [entries.length]);
  const values = makeList(call, from.valueDtype, [entries.length]);
  const write = (start: number, end: number) => {
    for (let i = start; i < end; i++) {
      const { key, value } = entries[i] as TableEntry;
      keys.elements[i] = key;
      values.elements[i] = value;
    }
  };
  const lists = [keys.tensor, values.tensor];
  return after(call.inPieces(entries.length, STEPS_PER_ENTRY, write, lists), (tensors) =>
    tensors.map((tensor) => kept(call, tensor)),
  );
}

/** Returns the elements of a tensor. */
function listOf(call: KernelCall, tensor: Tensor): ArrayLike<TableElement> {
  return isNumeric(tensor.dtype) ? (tensor.data as ArrayLike<TableElement>) : stringsOf(call, tensor);
}

/** Makes a tensor whose elements are still to be set. */
function makeList(call: KernelCall, dtype: DType, shape: Shape) {
  call.reserve(costOf(dtype, shape));
  const tensor = isNumeric(dtype)
    ? allocateTensor(dtype, shape)
    : makeTensor(dtype, shape, new Array<Uint8Array>(numElements(shape)));
  return { tensor, elements: tensor.data as unknown as { [index: number]: TableElement } };
}

/** Declares that the table keeps the bytes of strings, so that fetches return copies. */
function kept(call: KernelCall, tensor: Tensor): Tensor {
  if (tensor.dtype === "string") call.keep(tensor);
  return tensor;
}

/** Kernels of tables with one value per key. */
export const tableKernels: Readonly<Record<string, Kernel>> = {
  MutableHashTableV2: table,
  LookupTableExportV2: exportAll,
  LookupTableFindV2: find,
  LookupTableImportV2: replace,
  LookupTableInsertV2: (call) => insert(call, call.resource(0, HashTable)),
  LookupTableSizeV2: (call) => makeTensor("int64", [], BigInt64Array.of(BigInt(call.resource(0, HashTable).size))),
};
