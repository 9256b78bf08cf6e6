/**
 * Returns the sources of the two modules of a .proto file: one with decoders only, so that readers load no encoders, and one
 * with codecs.
 *
 * @param name - of the modules
 * @param types - messages and enums of the file
 * @param moduleOf - returns the name of the modules of a type
 * @param wire - returns what a module of the runtime is imported from
 * @param isSmall - true if messages are small and many, so that a cache of their texts would not pay
 */
export function codecSources(name, types, moduleOf, wire, isSmall) {
  const enums = types.filter((type) => type.constructor.className === "Enum");
  const messages = types.filter((type) => type.constructor.className === "Type");
  const used = usedTypes(messages).filter((type) => moduleOf(type) !== name);
  const imports = (verb, suffix) =>
    used.map((type) => {
      const message = tsName(type);
      return `import { type ${message}, ${verb}${message} } from "./${moduleOf(type)}${suffix}.js";`;
    });
  const decode = [
    HEAD,
    ...(messages.length > 0
      ? [
          `import { decoder, type MessageDecoder } from "${wire("decoder")}";`,
          ...(isSmall ? [] : [`import { knownTexts } from "${wire("known-texts")}";`]),
          `import type { WireReader } from "${wire("wire-reader")}";`,
        ]
      : []),
    ...imports("read", ".decode"),
    "",
    ...enums.flatMap(enumSource),
    ...messages.flatMap((type) => decoderSource(type, isSmall)),
  ];
  const codecs = messages.flatMap(codecSource).join("\n");
  const whole = [
    HEAD,
    ...(messages.length > 0
      ? [
          `import { codec, type MessageCodec } from "${wire("codec")}";`,
          ...(codecs.includes("sortedKeys(") ? [`import { sortedKeys } from "${wire("map-order")}";`] : []),
          `import type { WireWriter } from "${wire("wire-writer")}";`,
          ...imports("write", ""),
          `import * as decoders from "./${name}.decode.js";`,
        ]
      : []),
    "",
    ...enums.map((type) => `export { ${tsName(type)} } from "./${name}.decode.js";`),
    "",
    codecs,
  ];
  return { decode: decode.join("\n"), whole: whole.join("\n") };
}

const HEAD = "// Generated from /proto. Do not edit.";

/** Returns the message types of the fields of messages, each once. */
function usedTypes(messages) {
  const types = messages.flatMap((type) => type.fieldsArray.map(({ resolvedType }) => resolvedType));
  return [...new Set(types)].filter((type) => type?.constructor.className === "Type");
}

/** Returns the TypeScript name of a type: `AttrValue_ListValue` for `tensorflow.AttrValue.ListValue`. */
function tsName(type) {
  return type.fullName.replace(/^\.tensorflow\./, "").replaceAll(".", "_");
}

function doc(comment, indent = "") {
  return comment ? [`${indent}/** ${comment.replace(/\s*\n\s*/g, " ")} */`] : [];
}

function enumSource(type) {
  const name = tsName(type);
  return [
    ...doc(type.comment),
    `export const ${name} = {`,
    ...Object.entries(type.values).map(([key, value]) => `  ${key}: ${value},`),
    "} as const;",
    "",
  ];
}

/** The TypeScript type, the default and the wire type of each scalar type. */
const SCALARS = {
  bool: { type: "boolean", empty: "false", kind: 0 },
  bytes: { type: "Uint8Array", empty: "new Uint8Array()", kind: 2 },
  double: { type: "number", empty: "0", kind: 1, isFloat: true },
  fixed32: { type: "number", empty: "0", kind: 5 },
  fixed64: { type: "bigint", empty: "0n", kind: 1 },
  float: { type: "number", empty: "0", kind: 5, isFloat: true },
  int32: { type: "number", empty: "0", kind: 0 },
  int64: { type: "bigint", empty: "0n", kind: 0 },
  sint64: { type: "bigint", empty: "0n", kind: 0 },
  string: { type: "string", empty: '""', kind: 2 },
  uint32: { type: "number", empty: "0", kind: 0 },
  uint64: { type: "bigint", empty: "0n", kind: 0 },
};

const DELIMITED = 2;

/** Describes how one value of a field is read and written. */
function describeValue({ name, parent, resolvedType, type, options, _features }) {
  if (resolvedType?.constructor.className === "Type") {
    const inner = tsName(resolvedType);
    return {
      isMessage: true,
      type: inner,
      kind: DELIMITED,
      read: (into) => `read${inner}(${into === undefined ? "r" : `r, ${into}`})`,
      write: (x) => `write${inner}(${x}, w)`,
    };
  }
  const scalar = resolvedType?.constructor.className === "Enum" ? "int32" : type;
  const known = SCALARS[scalar];
  if (known === undefined) throw new Error(`${parent.fullName}.${name}: fields of type ${type} are not supported`);
  if (options?.jstype === "JS_NUMBER") {
    return {
      type: "number",
      empty: "0",
      kind: known.kind,
      read: () => `r.safeInt64("${parent.name}.${name}")`,
      write: (x) => `w.safeInt64(${x})`,
    };
  }
  const isLoose = scalar === "string" && _features?.utf8_validation === "NONE";
  const reading = isLoose ? "looseString" : scalar;
  return { ...known, read: () => `r.${reading}()`, write: (x) => `w.${scalar}(${x})` };
}

/** Describes a field: its TypeScript type, its default, and whether it may be absent. */
function describe(field) {
  const { name, id, comment } = field;
  const value = describeValue(field);
  const base = { name, id, comment, value };
  if (field.map) {
    const key = describeValue({ name: "key", parent: field, type: field.keyType, _features: field._features });
    return { ...base, isMap: true, key, type: `Map<${key.type}, ${value.type}>`, empty: "new Map()" };
  }
  if (field.repeated) return { ...base, isList: true, isPacked: field.packed, type: `${value.type}[]`, empty: "[]" };
  const optional = value.isMessage || Boolean(field.hasPresence);
  const choice = field.partOf && !field.partOf.isProto3Optional ? field.partOf : undefined;
  return { ...base, optional, choice, type: value.type, empty: value.empty };
}

function fieldsOf(type) {
  return type.fieldsArray.map(describe).toSorted((a, b) => a.id - b.id);
}

/**
 * Returns the interface of a message. Both modules of a file declare it, because the codec module imports the decode
 * module, which must not import it back.
 */
function interfaceSource(type) {
  return [
    ...doc(type.comment),
    `export interface ${tsName(type)} {`,
    // In the order of the .proto file.
    ...type.fieldsArray
      .map(describe)
      .flatMap((field) => [
        ...doc(field.comment, "  "),
        `  ${field.name}${field.optional ? "?" : ""}: ${field.type}${field.optional ? " | undefined" : ""};`,
      ]),
    "  /** Unknown fields, unchanged. */",
    "  unknownFields?: Uint8Array[] | undefined;",
    "}",
    "",
  ];
}

function codecSource(type) {
  const name = tsName(type);
  return [
    ...interfaceSource(type),
    ...doc(`Codec of {@link ${name}}.`),
    `export const ${name}: MessageCodec<${name}> = /* @__PURE__ */ codec<${name}>(decoders.${name}, write${name});`,
    "",
    `export function write${name}(m: ${name}, w: WireWriter): void {`,
    ...fieldsOf(type)
      .flatMap(writing)
      .map((line) => `  ${line}`),
    "  if (m.unknownFields !== undefined) for (const field of m.unknownFields) w.raw(field);",
    "}",
    "",
  ];
}

/** Returns the tag of a field: its number and wire type. */
function tagOf(id, kind) {
  return ((id << 3) | kind) >>> 0;
}

/** Returns the statements that write a field. */
function writing(field) {
  const { id, value } = field;
  const x = `m.${field.name}`;
  if (field.isMap) {
    const { key } = field;
    return [
      // Sorted like Python's deterministic serialization, which writes keys and values even if they are empty.
      `for (const key of sortedKeys(${x})) {`,
      `  const value = ${x}.get(key) as ${value.type};`,
      `  w.uint32(${tagOf(id, DELIMITED)});`,
      "  const entry = w.enter();",
      ...writingValue(1, key, "key").map((line) => `  ${line}`),
      ...writingValue(2, value, "value").map((line) => `  ${line}`),
      "  w.leave(entry);",
      "}",
    ];
  }
  if (field.isPacked && value.kind !== DELIMITED) {
    return [
      `if (${x}.length > 0) {`,
      `  w.uint32(${tagOf(id, DELIMITED)});`,
      "  const list = w.enterList();",
      `  for (const value of ${x}) ${value.write("value")};`,
      "  w.leaveList(list);",
      "}",
    ];
  }
  const one = (value_) => writingValue(id, value, value_).map((line) => `  ${line}`);
  if (field.isList) return [`for (const value of ${x}) {`, ...one("value"), "}"];
  return [`if (${isThere(field, x)}) {`, ...one(x), "}"];
}

function writingValue(id, value, x) {
  const tag = `w.uint32(${tagOf(id, value.kind)});`;
  if (!value.isMessage) return [tag, `${value.write(x)};`];
  return [tag, `const start${id} = w.enter();`, `${value.write(x)};`, `w.leave(start${id});`];
}

function isThere({ optional, value }, x) {
  if (optional) return `${x} !== undefined`;
  if (value.type === "Uint8Array") return `${x}.length > 0`;
  if (value.type === "boolean") return x;
  return value.isFloat ? `!Object.is(${x}, 0)` : `${x} !== ${value.empty}`;
}

function decoderSource(type, isSmall) {
  const name = tsName(type);
  const fields = fieldsOf(type);
  const empty = type.fieldsArray
    .map(describe)
    .filter(({ optional }) => !optional)
    .map((field) => `${field.name}: ${field.empty}`);
  return [
    ...interfaceSource(type),
    ...doc(`Decoder of {@link ${name}}.`),
    `export const ${name}: MessageDecoder<${name}> = /* @__PURE__ */ decoder<${name}>("${name}", read${name}${isSmall ? "" : ", knownTexts"});`,
    "",
    `export function read${name}(r: WireReader, m: ${name} = { ${empty.join(", ")} }): ${name} {`,
    "  while (r.pos < r.end) {",
    "    const start = r.pos;",
    "    const tag = r.tag();",
    "    switch (tag) {",
    ...fields.flatMap((field) => readingCases(name, field)).map((line) => `      ${line}`),
    "      default:",
    "        r.unknown(m, start, tag);",
    "    }",
    "  }",
    // Trim arrays: a grown array has a capacity of at least 17 elements, which would take most of a graph's memory.
    ...fields
      .filter(({ isList }) => isList)
      .map(({ name }) => `  if (m.${name}.length > 0) m.${name} = m.${name}.slice();`),
    "  return m;",
    "}",
    "",
    ...type.oneofsArray.filter((choice) => !choice.isProto3Optional).flatMap((choice) => clearSource(name, choice)),
  ];
}

/** Returns the function that clears all fields of a oneof. It is called before a field of the oneof is set. */
function clearSource(name, choice) {
  return [
    `function clear${name}_${choice.name}(m: ${name}): void {`,
    ...choice.fieldsArray.map((field) => `  if (m.${field.name} !== undefined) delete m.${field.name};`),
    "}",
    "",
  ];
}

/** Returns the switch cases that read a field. Lists of numbers have two: packed and not packed. */
function readingCases(message, field) {
  const { id, name, value, choice } = field;
  const x = `m.${name}`;
  const a = (kind, statements) => [
    `case ${tagOf(id, kind)}: {`,
    ...statements.map((line) => `  ${line}`),
    "  break;",
    "}",
  ];
  if (field.isMap) return a(DELIMITED, readingEntry(field));
  if (field.isList) {
    if (value.isMessage)
      return a(
        DELIMITED,
        reading(value, undefined, (read) => `${x}.push(${read});`),
      );
    const one = a(value.kind, [`${x}.push(${value.read()});`]);
    if (value.kind === DELIMITED) return one;
    const list = [
      "const end = r.enterList();",
      `while (r.pos < r.end) ${x}.push(${value.read()});`,
      "r.leaveList(end);",
    ];
    return [...one, ...a(DELIMITED, list)];
  }
  const clear = choice === undefined ? [] : [`if (${x} === undefined) clear${message}_${choice.name}(m);`];
  return a(value.kind, [...clear, ...reading(value, x, (read) => `${x} = ${read};`)]);
}

/** Returns the statements that read a value. They declare a constant named `end`. */
function reading(value, into, store, end = "end") {
  if (!value.isMessage) return [store(value.read())];
  return [`const ${end} = r.enter();`, store(value.read(into)), `r.leave(${end});`];
}

function readingEntry({ name, key, value }) {
  const inner = (part, of) => reading(of, part, (read) => `    ${part} = ${read};`, "inner");
  return [
    "const end = r.enter();",
    `let key: ${key.type} = ${key.empty};`,
    value.isMessage ? `let value: ${value.type} | undefined;` : `let value: ${value.type} = ${value.empty};`,
    "while (r.pos < r.end) {",
    "  const tag = r.tag();",
    `  if (tag === ${tagOf(1, key.kind)}) {`,
    ...inner("key", key),
    `  } else if (tag === ${tagOf(2, value.kind)}) {`,
    ...inner("value", value),
    "  } else r.skip(tag);",
    "}",
    // At the end of the entry, an empty message is read.
    `m.${name}.set(key, value${value.isMessage ? ` ?? ${value.read()}` : ""});`,
    "r.leave(end);",
  ];
}
