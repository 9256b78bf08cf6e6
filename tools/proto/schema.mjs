/**
 * Returns the source of a schema module for the text format: the fields of the root messages and of all nested messages.
 * A `bytes` field with the option `serialized` is described as the message that it contains.
 */
export function schemaSource(root, roots) {
  const messages = {};
  const enums = {};
  for (const name of roots) addMessage(root.lookupType(`tensorflow.${name}`), messages, enums);
  return [
    "// Generated from /proto. Do not edit.",
    `import type { SchemaData } from "../text/schema.js";`,
    "",
    `export const schema: SchemaData = ${JSON.stringify({ messages, enums }, undefined, 1)};`,
    "",
  ].join("\n");
}

function addMessage(type, messages, enums) {
  const name = fullName(type);
  if (name in messages) return;
  messages[name] = [];
  const fields = type.fieldsArray.toSorted((a, b) => a.id - b.id);
  messages[name] = fields.map((field) =>
    field.map ? addMap(field, messages, enums) : addField(field, messages, enums),
  );
}

function addField(field, messages, enums) {
  const { type, of } = typeOf(field, messages, enums);
  const oneof = field.partOf && !field.partOf.isProto3Optional ? field.partOf.name : undefined;
  return {
    number: field.id,
    name: field.protoName,
    type,
    of,
    repeated: field.repeated || undefined,
    presence: (type !== "message" && Boolean(field.hasPresence)) || undefined,
    oneof,
  };
}

/** Describes a map as it is encoded: a repeated message of key and value. */
function addMap(field, messages, enums) {
  const name = `${fullName(field.parent)}.${entryName(field.name)}`;
  const presence = field._features.field_presence === "EXPLICIT" || undefined;
  const value = typeOf(field, messages, enums);
  messages[name] = [
    { number: 1, name: "key", type: field.keyType, presence },
    { number: 2, name: "value", ...value, presence: value.type === "message" ? undefined : presence },
  ];
  return { number: field.id, name: field.protoName, type: "message", of: name, repeated: true, map: true };
}

function typeOf(field, messages, enums) {
  const serialized = field.options?.["(serialized)"];
  const type = serialized ? field.parent.root.lookupType(qualified(serialized)) : field.resolvedType;
  if (type === null) return { type: field.type };
  const of = fullName(type);
  if (type.constructor.className === "Enum") {
    enums[of] = type.values;
    return { type: "enum", of };
  }
  addMessage(type, messages, enums);
  return { type: "message", of };
}

function qualified(name) {
  return name.startsWith("google.") ? name : `tensorflow.${name}`;
}

function fullName(type) {
  return type.fullName.replace(/^\./, "");
}

/** Returns protobuf's name for the entry message of a map. */
function entryName(fieldName) {
  return `${fieldName[0].toUpperCase()}${fieldName.slice(1)}Entry`;
}
