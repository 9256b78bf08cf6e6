import { VarintReader } from "@tfsaver/core/coding";
import { concat, damage, oddNumber, varint } from "./bytes.js";
import type { Random } from "./random.js";

/** A field of a protobuf message: a number, or the bytes of its value. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: bigint | Uint8Array;
}

const FIXED_SIZES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Returns the fields of a message; undefined if the bytes are not a message. */
export function parseMessage(bytes: Uint8Array): Field[] | undefined {
  const reader = new VarintReader(bytes);
  const fields: Field[] = [];
  try {
    while (reader.offset < bytes.length) {
      const tag = reader.next();
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (wire === 0) fields.push({ number, wire, value: reader.nextBits() });
      else {
        const size = wire === 2 ? reader.next() : FIXED_SIZES[wire];
        const start = reader.offset;
        if (number === 0 || size === undefined || start + size > bytes.length) return undefined;
        reader.offset += size;
        fields.push({ number, wire, value: bytes.slice(start, start + size) });
      }
    }
  } catch {
    return undefined;
  }
  return fields;
}

export function encodeMessage(fields: readonly Field[]): Uint8Array {
  return concat(
    fields.flatMap(({ number, wire, value }) => {
      const tag = varint(BigInt(number * 8 + wire));
      if (typeof value === "bigint") return [tag, varint(value)];
      return wire === 2 ? [tag, varint(BigInt(value.length)), value] : [tag, value];
    }),
  );
}

/** Returns a field that holds a number, as a varint. */
export function numberField(number: number, value: bigint): Field {
  return { number, wire: 0, value };
}

/** Returns a field that holds a message. */
export function messageField(number: number, ...fields: readonly Field[]): Field {
  return { number, wire: 2, value: encodeMessage(fields) };
}

/** Changes a message, or a message inside it. The result is usually a message too. */
export function mutateMessage(bytes: Uint8Array, random: Random): Uint8Array {
  const fields = parseMessage(bytes);
  if (fields === undefined || random.chance(0.05)) return damage(bytes, random);
  if (random.chance(0.02)) return concat([bytes, nested(random)]);
  if (fields.length === 0 || random.chance(0.05)) fields.push(addedField(random));
  const at = random.below(fields.length);
  const field = fields[at] as Field;
  if (isMessage(field) && random.chance(0.8)) {
    // Important fields, such as the sizes of a shape, are nested deeply.
    fields[at] = { ...field, value: mutateMessage(field.value, random) };
    return encodeMessage(fields);
  }
  switch (random.below(8)) {
    case 0:
      fields.splice(at, 1);
      break;
    case 1:
      fields.splice(at, 0, ...Array.from({ length: random.chance(0.9) ? 1 : 300 }, () => field));
      break;
    case 2:
      fields[at] = { ...field, number: 1 + random.below(12) };
      break;
    default:
      fields[at] = { ...field, value: mutateValue(field, random) };
  }
  return encodeMessage(fields);
}

function isMessage(field: Field): field is Field & { readonly value: Uint8Array } {
  return field.wire === 2 && (parseMessage(field.value as Uint8Array)?.length ?? 0) > 0;
}

function mutateValue({ wire, value }: Field, random: Random): bigint | Uint8Array {
  if (typeof value === "bigint") return oddNumber(random, value);
  return wire === 2 ? mutateMessage(value, random) : random.bytes(value.length);
}

function addedField(random: Random): Field {
  const number = 1 + random.below(12);
  return random.chance(0.5)
    ? { number, wire: 0, value: oddNumber(random) }
    : { number, wire: 2, value: random.bytes(random.below(12)) };
}

/** Returns nested groups or messages, deeper than a call stack. */
function nested(random: Random): Uint8Array {
  const depth = 20_000;
  const number = 1 + random.below(12);
  return new Uint8Array(depth).fill((number << 3) | random.pick([3, 2]));
}
