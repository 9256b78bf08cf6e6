import { CondContextDef, QueueRunnerDef, WhileContextDef } from "@tfsaver/proto/meta-graph";

type Rename = (name: string) => string;

/** A kind of message that collections store serialized, and the names in it that a scope applies to. */
export interface SerializedKind {
  nameOf(bytes: Uint8Array): string;
  /** Returns the message with its names changed. The names in nested contexts change only if `nested` is true. */
  rename(bytes: Uint8Array, rename: Rename, nested: boolean): Uint8Array;
  /** Returns the loops that the message describes, outer ones first. */
  loopsIn(bytes: Uint8Array): WhileContextDef[];
}

const queueRunner: SerializedKind = {
  nameOf: (bytes) => QueueRunnerDef.decode(bytes).queueName,
  rename: (bytes, rename) => {
    const def = QueueRunnerDef.decode(bytes);
    return QueueRunnerDef.encode({
      ...def,
      queueName: rename(def.queueName),
      enqueueOpName: def.enqueueOpName.map(rename),
      closeOpName: rename(def.closeOpName),
      cancelOpName: rename(def.cancelOpName),
    });
  },
  loopsIn: () => [],
};

const condContext: SerializedKind = {
  nameOf: (bytes) => CondContextDef.decode(bytes).contextName,
  rename: (bytes, rename, nested) => CondContextDef.encode(renamedCond(CondContextDef.decode(bytes), rename, nested)),
  loopsIn: (bytes) => loopsOf({ condCtxt: CondContextDef.decode(bytes) }),
};

const whileContext: SerializedKind = {
  nameOf: (bytes) => WhileContextDef.decode(bytes).contextName,
  rename: (bytes, rename, nested) =>
    WhileContextDef.encode(renamedWhile(WhileContextDef.decode(bytes), rename, nested)),
  loopsIn: (bytes) => loopsOf({ whileCtxt: WhileContextDef.decode(bytes) }),
};

/** Collections of serialized messages that are not modeled: TensorFlow's `QueueRunner`, `CondContext`, `WhileContext`. */
export const SERIALIZED_COLLECTIONS: ReadonlyMap<string, SerializedKind> = new Map([
  ["queue_runners", queueRunner],
  ["cond_context", condContext],
  ["while_context", whileContext],
]);

function renamedCond(def: CondContextDef, rename: Rename, nested: boolean): CondContextDef {
  return {
    ...def,
    contextName: rename(def.contextName),
    predName: rename(def.predName),
    pivotName: rename(def.pivotName),
    valuesDef: renamedValues(def.valuesDef, rename),
    nestedContexts: nested ? def.nestedContexts.map((one) => renamedNested(one, rename)) : def.nestedContexts,
  };
}

function renamedWhile(def: WhileContextDef, rename: Rename, nested: boolean): WhileContextDef {
  return {
    ...def,
    contextName: rename(def.contextName),
    pivotName: rename(def.pivotName),
    pivotForPredName: rename(def.pivotForPredName),
    pivotForBodyName: rename(def.pivotForBodyName),
    loopExitNames: def.loopExitNames.map(rename),
    loopEnterNames: def.loopEnterNames.map(rename),
    valuesDef: renamedValues(def.valuesDef, rename),
    maximumIterationsName: renamedIfAny(def.maximumIterationsName, rename),
    nestedContexts: nested ? def.nestedContexts.map((one) => renamedNested(one, rename)) : def.nestedContexts,
  };
}

function renamedIfAny(name: string, rename: Rename): string {
  return name === "" ? name : rename(name);
}

type Values = CondContextDef["valuesDef"];

function renamedValues(def: Values, rename: Rename): Values {
  if (def === undefined) return undefined;
  const external = [...def.externalValues].map(([key, value]) => [rename(key), rename(value)] as const);
  return { ...def, values: def.values.map(rename), externalValues: new Map(external) };
}

type Nested = CondContextDef["nestedContexts"][number];

function renamedNested(def: Nested, rename: Rename): Nested {
  if (def.condCtxt !== undefined) return { ...def, condCtxt: renamedCond(def.condCtxt, rename, true) };
  return def.whileCtxt === undefined ? def : { ...def, whileCtxt: renamedWhile(def.whileCtxt, rename, true) };
}

function loopsOf({ condCtxt, whileCtxt }: Nested): WhileContextDef[] {
  const nested = (condCtxt ?? whileCtxt)?.nestedContexts ?? [];
  return [...(whileCtxt === undefined ? [] : [whileCtxt]), ...nested.flatMap(loopsOf)];
}
