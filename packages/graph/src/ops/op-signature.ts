import { type DType, dtypeFromEnum, ValueError } from "@tfsaver/core";
import { type AttrValue, type OpDef, type OpDef_ArgDef, OpList } from "@tfsaver/proto/graph";
import { OP_TABLE } from "./op-table.js";

/** A count in a file is only believed up to here, so that it can't exhaust memory. */
const MAX_VALUES = 1 << 16;

let builtIn: ReadonlyMap<string, OpDef> | undefined;

/** TensorFlow 2.21's definition of an operation type, for those that are made or run here. */
export function builtInOpDef(type: string): OpDef | undefined {
  builtIn ??= new Map(
    OpList.decode(Uint8Array.from(atob(OP_TABLE), (char) => char.charCodeAt(0))).op.map((def) => [def.name, def]),
  );
  return builtIn.get(type);
}

/** The type of one value that an operation takes or gives. */
export interface ValueType {
  readonly dtype: DType;
  /** Whether it is a reference to a variable's memory, which may be assigned to. */
  readonly isRef: boolean;
}

type Attrs = ReadonlyMap<string, AttrValue>;

/**
 * The types of an operation's inputs, worked out from its definition and attributes.
 *
 * @throws `ValueError` if an attribute that the definition needs is missing or makes no sense.
 */
export function inputTypes(def: OpDef, attrs: Attrs, name: string): ValueType[] {
  return typesOf(def.inputArg, def, attrs, name);
}

/** The types of an operation's outputs. Throws as {@link inputTypes}. */
export function outputTypes(def: OpDef, attrs: Attrs, name: string): ValueType[] {
  return typesOf(def.outputArg, def, attrs, name);
}

function typesOf(args: readonly OpDef_ArgDef[], def: OpDef, attrs: Attrs, name: string): ValueType[] {
  const types: ValueType[] = [];
  for (const arg of args) addTypes(types, arg, def, attrs, name);
  return types;
}

function addTypes(types: ValueType[], arg: OpDef_ArgDef, def: OpDef, attrs: Attrs, name: string): void {
  if (arg.typeListAttr !== "") {
    const list = attrs.get(arg.typeListAttr)?.list?.type ?? missing(arg.typeListAttr, def, name);
    for (const type of list) types.push(typeOf(type, arg, def, name));
    return;
  }
  const type = arg.typeAttr === "" ? arg.type : (attrs.get(arg.typeAttr)?.type ?? missing(arg.typeAttr, def, name));
  const count = arg.numberAttr === "" ? 1 : Number(attrs.get(arg.numberAttr)?.i ?? missing(arg.numberAttr, def, name));
  if (count < 0 || count > MAX_VALUES) {
    throw new ValueError(`Operation ${name} can't have ${count} values '${arg.name}'`, { op: name });
  }
  for (let i = 0; i < count; i++) types.push(typeOf(type, arg, def, name));
}

function missing(attribute: string, def: OpDef, name: string): never {
  throw new ValueError(`Operation ${name} (${def.name}) has no usable attribute '${attribute}'`, { op: name });
}

/** By the number of the type, of values and of references. */
const knownTypes = [new Map<number, ValueType>(), new Map<number, ValueType>()] as const;

function typeOf(type: number, arg: OpDef_ArgDef, def: OpDef, name: string): ValueType {
  const isRef = arg.isRef || type > 100;
  const known = knownTypes[isRef ? 1 : 0];
  const valueType = known.get(type) ?? Object.freeze({ dtype: dtypeOf(type, def, name), isRef });
  known.set(type, valueType);
  return valueType;
}

function dtypeOf(type: number, def: OpDef, name: string): DType {
  try {
    return dtypeFromEnum(type);
  } catch (cause) {
    throw new ValueError(`Operation ${name} (${def.name}) has a value of unknown type ${type}`, { op: name, cause });
  }
}

/** Adds to `attrs` the default values that the definition has for attributes that are not there. */
export function addDefaultAttrs(def: OpDef, attrs: Map<string, AttrValue>): void {
  for (const { name, defaultValue } of def.attr) {
    if (defaultValue !== undefined && !attrs.has(name)) attrs.set(name, defaultValue);
  }
}
