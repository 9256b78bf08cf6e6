/**
 * The sources of the two modules that stand around a family's wire codecs: one that only decodes, for those who only
 * read, and one with plain interfaces and whole codecs.
 */
export function facadeSources(family, schema) {
  const messages = [];
  const enums = [];
  collect(schema.lookup("tensorflow"), messages, enums);
  const decode = [
    "// Generated from /proto. Do not edit.",
    `import { decoder, fromLong, fromLongSafe, type MessageDecoder, own, unknowns } from "../decoder.js";`,
    `import { tensorflow as wire } from "./${family}.decode.wire.js";`,
    `import type * as messages from "./${family}.js";`,
    "void [fromLong, fromLongSafe, own];",
    "",
    ...enums.flatMap(enumSource),
    ...messages.flatMap(decoderSource),
  ];
  const whole = [
    "// Generated from /proto. Do not edit.",
    `import { codec, type MessageCodec, toLong } from "../codec.js";`,
    `import { sortedEntries } from "../map-order.js";`,
    `import * as decoders from "./${family}.decode.js";`,
    `import { tensorflow as wire } from "./${family}.encode.wire.js";`,
    "void [sortedEntries, toLong];",
    "",
    ...enums.map((type) => `export { ${tsName(type)} } from "./${family}.decode.js";`),
    "",
    ...messages.flatMap(codecSource),
  ];
  return { decode: decode.join("\n"), whole: whole.join("\n") };
}

function collect(namespace, messages, enums) {
  for (const child of namespace.nestedArray) {
    if (child.constructor.className === "Enum") enums.push(child);
    else {
      if (child.constructor.className === "Type") messages.push(child);
      collect(child, messages, enums);
    }
  }
}

/** `tensorflow.AttrValue.ListValue` as one TypeScript name. */
function tsName(type) {
  return type.fullName.replace(/^\.tensorflow\./, "").replaceAll(".", "_");
}

function wireName(type) {
  return type.fullName.replace(/^\.tensorflow\./, "wire.");
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

function codecSource(type) {
  const name = tsName(type);
  const fields = type.fieldsArray.map(describe);
  return [
    ...doc(type.comment),
    `export interface ${name} {`,
    ...fields.flatMap((field) => [
      ...doc(field.comment, "  "),
      `  ${field.name}${field.optional ? "?" : ""}: ${field.type}${field.optional ? " | undefined" : ""};`,
    ]),
    "  /** Fields that are not known here, as they were read. */",
    "  unknownFields?: Uint8Array[] | undefined;",
    "}",
    "",
    ...doc(`Codec of {@link ${name}}.`),
    `export const ${name}: MessageCodec<${name}> = codec<${name}>(decoders.${name}, ${wireName(type)}, (m) => ({`,
    ...fields.map((field) => `  ${field.name}: ${field.toWire(`m.${field.name}`)},`),
    "  $unknowns: m.unknownFields,",
    "}));",
    "",
  ];
}

function decoderSource(type) {
  const name = tsName(type);
  const fields = type.fieldsArray.map(describe);
  return [
    `export type ${name} = messages.${name};`,
    ...doc(`Decoder of {@link ${name}}.`),
    `export const ${name}: MessageDecoder<${name}> = decoder<${name}>("${name}", ${wireName(type)}, {`,
    "  empty: () => ({",
    ...fields.filter((field) => !field.optional).map((field) => `    ${field.name}: ${field.empty},`),
    "  }),",
    "  fromWire: (w) => {",
    `    const m: ${name} = {`,
    ...fields
      .filter((field) => !field.optional)
      .map((field) => `      ${field.name}: ${field.fromWire(`w.${field.name}`)},`),
    "    };",
    ...fields
      .filter((field) => field.optional)
      .map((field) => `    if (own(w, "${field.name}")) m.${field.name} = ${field.fromWire(`w.${field.name}`)};`),
    "    unknowns(w, m);",
    "    return m;",
    "  },",
    "});",
    "",
  ];
}

/** How one field looks in TypeScript and how it goes to and from the wire codec's form. */
function describe(field) {
  const base = { name: field.name, comment: field.comment };
  const value = valueKind(field);
  if (field.map) {
    const key = scalarKind({ type: field.keyType });
    return {
      ...base,
      optional: false,
      type: `Map<${key.type}, ${value.type}>`,
      empty: "new Map()",
      // Sorted by key, as TensorFlow's deterministic serialization does.
      toWire: (x) =>
        `sortedEntries(${x}).map(([key, value]) => ({ key: ${key.toWire("key")}, value: ${value.toWire("value")} }))`,
      fromWire: (x) =>
        `new Map(${x}.map((e: any) => [${key.entryFromWire("e.key")}, ${value.entryFromWire("e.value")}]))`,
    };
  }
  if (field.repeated) {
    return {
      ...base,
      optional: false,
      type: `${value.type}[]`,
      empty: "[]",
      toWire: (x) => (value.plain ? x : `${x}.map((v) => ${value.toWire("v")})`),
      fromWire: (x) => (value.plain ? x : `${x}.map((v: any) => ${value.fromWire("v")})`),
    };
  }
  const optional = value.message || Boolean(field.hasPresence);
  return {
    ...base,
    optional,
    type: value.type,
    empty: value.empty,
    toWire: (x) => (optional && !value.plain ? `${x} === undefined ? undefined : ${value.toWire(x)}` : value.toWire(x)),
    // What protobufjs has for bytes that were not there is a Buffer under Node.js.
    fromWire: (x) =>
      !optional && field.type === "bytes" ? `own(w, "${field.name}") ? ${x} : ${value.empty}` : value.fromWire(x),
  };
}

function valueKind(field) {
  if (field.resolvedType?.constructor.className === "Type") {
    const name = tsName(field.resolvedType);
    return {
      message: true,
      type: name,
      toWire: (x) => `${name}.toWire(${x})`,
      fromWire: (x) => `${name}.fromWire(${x})`,
      entryFromWire: (x) => `${x} == null ? ${name}.create() : ${name}.fromWire(${x})`,
    };
  }
  return scalarKind(field);
}

function scalarKind(field) {
  if (/64$/.test(field.type)) {
    if (field.options?.jstype === "JS_NUMBER") {
      const from = (x) => `fromLongSafe(${x}, "${field.parent.name}.${field.name}")`;
      return { type: "number", empty: "0", toWire: (x) => x, fromWire: from };
    }
    const fromWire = (x) => `fromLong(${x}, ${/^(u|f)/.test(field.type)})`;
    return {
      type: "bigint",
      empty: "0n",
      toWire: (x) => `toLong(${x})`,
      fromWire,
      entryFromWire: (x) => fromWire(`${x} ?? 0`),
    };
  }
  const type = scalarType(field.type);
  const empty = scalarEmpty(field.type);
  return {
    plain: true,
    type,
    empty,
    toWire: (x) => x,
    fromWire: (x) => x,
    entryFromWire: (x) => `${x} ?? ${empty}`,
  };
}

function scalarType(type) {
  if (type === "string") return "string";
  if (type === "bytes") return "Uint8Array";
  if (type === "bool") return "boolean";
  return "number";
}

function scalarEmpty(type) {
  return { string: '""', bytes: "new Uint8Array()", bool: "false" }[type] ?? "0";
}
