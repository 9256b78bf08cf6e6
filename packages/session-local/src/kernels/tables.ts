import { makeTensor, type Tensor } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { HashTable } from "../resources/hash-table.js";
import { resourceKeyOf } from "./arguments.js";

function table(call: KernelCall): HashTable {
  const dtypes = [call.attributes.type("key_dtype"), call.attributes.type("value_dtype")] as const;
  const key = resourceKeyOf(call);
  const found = call.resourceOf(HashTable, key, () => new HashTable(key, ...dtypes));
  found.requireDtypes(...dtypes);
  return found;
}

/** Declares that the table keeps the bytes of strings, so that fetches return copies. */
function kept(call: KernelCall, tensor: Tensor): Tensor {
  if (tensor.dtype === "string") call.keep(tensor);
  return tensor;
}

/** Kernels of tables with one value per key. */
export const tableKernels: Readonly<Record<string, Kernel>> = {
  MutableHashTableV2: table,
  LookupTableExportV2: (call) => {
    const exported = call.resource(0, HashTable).export();
    return exported.map((tensor) => kept(call, tensor));
  },
  LookupTableFindV2: (call) => kept(call, call.resource(0, HashTable).find(call.input(1), call.input(2))),
  LookupTableImportV2: (call) => call.resource(0, HashTable).import(call.input(1), call.input(2)),
  LookupTableInsertV2: (call) => call.resource(0, HashTable).insert(call.input(1), call.input(2)),
  LookupTableSizeV2: (call) => makeTensor("int64", [], BigInt64Array.of(BigInt(call.resource(0, HashTable).size))),
};
