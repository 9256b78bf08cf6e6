/**
 * A schema's JSON descriptor with every map field replaced by what it is on the wire: a repeated message of key and
 * value. A `Map` then keeps its order and any key (`__proto__`, `10` before `9`), which a plain object does not.
 */
export function mapsAsEntries(schema) {
  const descriptor = schema.toJSON();
  visit(descriptor);
  return descriptor;
}

/** The name of the message that stands for the entries of a map field, as protobuf itself names it. */
export function entryName(fieldName) {
  return `${fieldName[0].toUpperCase()}${fieldName.slice(1)}Entry`;
}

function visit(node) {
  for (const child of Object.values(node.nested ?? {})) visit(child);
  for (const [name, field] of Object.entries(node.fields ?? {})) {
    if (field.keyType === undefined) continue;
    const entry = entryName(name);
    node.nested ??= {};
    // Entries carry key and value even when empty, hence the explicit presence.
    node.nested[entry] = {
      oneofs: { _key: { oneof: ["key"] }, _value: { oneof: ["value"] } },
      fields: {
        key: { type: field.keyType, id: 1, options: { proto3_optional: true } },
        value: { type: field.type, id: 2, options: { proto3_optional: true } },
      },
    };
    node.fields[name] = { rule: "repeated", type: entry, id: field.id };
  }
}
