import { type DType, dtypeFromEnum, ValueError } from "@tfsaver/core";
import { type AttrValue, type OpDef, OpList } from "@tfsaver/proto/graph";
import { OP_TABLE } from "./op-table.js";

/** A count in a file is only believed up to here, so that it can't exhaust memory. */
const MAX_OUTPUTS = 1 << 16;

let builtIn: ReadonlyMap<string, OpDef> | undefined;

/** TensorFlow 2.21's definition of an operation type, for those that are made or run here. */
export function builtInOpDef(type: string): OpDef | undefined {
  builtIn ??= new Map(
    OpList.decode(Uint8Array.from(atob(OP_TABLE), (char) => char.charCodeAt(0))).op.map((def) => [def.name, def]),
  );
  return builtIn.get(type);
}

/** The type of one output of an operation. */
export interface OutputType {
  readonly dtype: DType;
  /** Whether the output is a reference to a variable's memory, which may be assigned to. */
  readonly isRef: boolean;
}

/**
 * The types of an operation's outputs, worked out from its definition and attributes.
 *
 * @throws `ValueError` if an attribute that the definition needs is missing or makes no sense.
 */
export function outputTypes(def: OpDef, attrs: ReadonlyMap<string, AttrValue>, name: string): OutputType[] {
  const require = <T>(attribute: string, read: (value: AttrValue) => T | undefined): T => {
    const value = attrs.get(attribute);
    const result = value === undefined ? undefined : read(value);
    if (result === undefined) {
      throw new ValueError(`Operation ${name} (${def.name}) has no usable attribute '${attribute}'`, { op: name });
    }
    return result;
  };
  const dtypeOf = (type: number): DType => {
    try {
      return dtypeFromEnum(type);
    } catch (cause) {
      throw new ValueError(`Operation ${name} (${def.name}) has an output of unknown type ${type}`, {
        op: name,
        cause,
      });
    }
  };
  return def.outputArg.flatMap((arg) => {
    if (arg.typeListAttr !== "") {
      const types = require(arg.typeListAttr, (value) => value.list?.type);
      return types.map((type) => ({ dtype: dtypeOf(type), isRef: arg.isRef }));
    }
    const type = arg.typeAttr === "" ? arg.type : require(arg.typeAttr, (value) => value.type);
    const count = arg.numberAttr === "" ? 1 : Number(require(arg.numberAttr, (value) => value.i));
    if (count < 0 || count > MAX_OUTPUTS) {
      throw new ValueError(`Operation ${name} can't have ${count} outputs`, { op: name });
    }
    return Array.from({ length: count }, () => ({ dtype: dtypeOf(type), isRef: arg.isRef || type > 100 }));
  });
}

/** Adds to `attrs` the default values that the definition has for attributes that are not there. */
export function addDefaultAttrs(def: OpDef, attrs: Map<string, AttrValue>): void {
  for (const { name, defaultValue } of def.attr) {
    if (defaultValue !== undefined && !attrs.has(name)) attrs.set(name, defaultValue);
  }
}
