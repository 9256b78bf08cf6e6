import { type DType, dtypeFromEnum, ValueError } from "@tfsaver/core";
import type { AttrValue, OpDef, OpDef_ArgDef } from "@tfsaver/proto/graph";

/** The most values that one argument can have. It keeps a damaged count from exhausting memory. */
const MAX_VALUES = 1 << 16;

/** The type of one input or output of an operation. */
export interface ValueType {
  readonly dtype: DType;
  /** True for a reference to a variable's memory, which can be assigned to. */
  readonly isRef: boolean;
}

type Attrs = ReadonlyMap<string, AttrValue>;

/**
 * Computes the types of an operation's inputs from its definition and attributes.
 *
 * @throws `ValueError` if an attribute that the definition needs is missing or invalid.
 */
export function inputTypes(def: OpDef, attrs: Attrs, name: string): ValueType[] {
  return typesOf(def.inputArg, def, attrs, name);
}

/** Computes the types of an operation's outputs. Throws as {@link inputTypes}. */
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
    throw new ValueError(`Operation ${name} has ${count} values '${arg.name}', expected 0 to ${MAX_VALUES}`, {
      op: name,
    });
  }
  for (let i = 0; i < count; i++) types.push(typeOf(type, arg, def, name));
}

function missing(attribute: string, def: OpDef, name: string): never {
  throw new ValueError(
    `Operation ${name} (${def.name}) needs the attribute '${attribute}', which is missing or invalid`,
    { op: name },
  );
}

/** Value types by dtype number, shared by all operations: values first, then references. */
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
    throw new ValueError(`Operation ${name} (${def.name}) has a value of the unknown dtype ${type}`, {
      op: name,
      cause,
    });
  }
}

/** Adds the defaults of the definition to `attrs`, for the attributes that are missing. */
export function addDefaultAttrs(def: OpDef, attrs: Map<string, AttrValue>): void {
  for (const { name, defaultValue } of def.attr) {
    if (defaultValue !== undefined && !attrs.has(name)) attrs.set(name, defaultValue);
  }
}
