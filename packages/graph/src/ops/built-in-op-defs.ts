import { type OpDef, OpList } from "@tfsaver/proto/graph";
import { OP_TABLE } from "./op-table.generated.js";

let builtIn: ReadonlyMap<string, OpDef> | undefined;

/**
 * Returns TensorFlow 2.21's definition of an operation type, or `undefined` if these packages don't make or run that
 * type.
 *
 * @example
 * ```ts
 * import { builtInOpDef } from "@tfsaver/graph";
 *
 * console.log(builtInOpDef("Assign")?.inputArg.map(({ name }) => name)); // [ "ref", "value" ]
 * ```
 */
export function builtInOpDef(type: string): OpDef | undefined {
  builtIn ??= new Map(
    OpList.decode(Uint8Array.from(atob(OP_TABLE), (char) => char.charCodeAt(0))).op.map((def) => [def.name, def]),
  );
  return builtIn.get(type);
}
