import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.js";

/*
 * A second opinion on the generated codecs: protobufjs encodes random messages from its own reading of the .proto files, which
 * are decoded here, and the reverse.
 */

const MESSAGES_PER_TYPE = 60;
const MAX_DEPTH = 4;

type Fields = Record<string, unknown>;
type Codec = MessageCodec<Fields>;

/** The codecs of each package, by name. */
const packages: Readonly<Record<string, ReadonlyMap<string, Codec>>> = {
  "checkpoint-proto": await generatedCodecs("../../checkpoint-proto/src/generated/"),
  proto: await generatedCodecs("../src/generated/"),
};

async function generatedCodecs(folder: string): Promise<ReadonlyMap<string, Codec>> {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  const files = readdirSync(path).filter((name) => /^[\w-]+\.ts$/.test(name));
  const modules = await Promise.all(files.map((name) => import(/* @vite-ignore */ `${path}${name}`)));
  const codecs = modules.flatMap((module) => Object.entries<Codec>(module)).filter(([, value]) => "encode" in value);
  return new Map(codecs);
}

const folder = fileURLToPath(new URL("../../../proto/", import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_, target) => `${folder}${target}`;
await root.load(readdirSync(folder).filter((name) => name.endsWith(".proto")));
root.resolveAll();

/** The message types of `tensorflow`, by the names that they have in TypeScript. */
const types = new Map<string, protobuf.Type>();
collect(root.lookup("tensorflow") as protobuf.Namespace);

function collect(namespace: protobuf.NamespaceBase): void {
  for (const child of namespace.nestedArray) {
    if (child instanceof protobuf.Type) types.set(nameOf(child), child);
    if (child instanceof protobuf.Namespace) collect(child);
  }
}

function nameOf(type: protobuf.Type): string {
  return type.fullName.replace(/^\.tensorflow\./, "").replaceAll(".", "_");
}

describe.each(Object.entries(packages))("%s", (_, codecs) => {
  it.each([...codecs])("%s: protobufjs encodes what is decoded here, and the reverse", (name, codec) => {
    const type = types.get(name) as protobuf.Type;
    const random = new Random(seedOf(name));
    for (let i = 0; i < MESSAGES_PER_TYPE; i++) {
      const message = randomMessage(type, codecs, random, 0);
      const theirs = type.encode(type.fromObject(toTheirs(type, message))).finish();
      expect(codec.decode(Uint8Array.from(theirs))).toEqual(message);
      expect(fromTheirs(type, type.decode(codec.encode(message)) as unknown as Fields, codecs)).toEqual(message);
    }
  });
});

it("covers every message type of the packages", () => {
  const names = Object.values(packages).flatMap((codecs) => [...codecs.keys()]);
  expect(names.filter((name) => !types.has(name))).toEqual([]);
  expect(new Set(names).size).toBeGreaterThan(60);
});

/** Returns a seed for a name, so that each type has messages of its own. */
function seedOf(name: string): number {
  return [...name].reduce((seed, letter) => (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0, 7);
}

function codecOf(type: protobuf.ReflectionObject | null, codecs: ReadonlyMap<string, Codec>): Codec {
  return codecs.get(nameOf(type as protobuf.Type)) as Codec;
}

/** Makes a message as the codecs represent it, with some of its fields. */
function randomMessage(type: protobuf.Type, codecs: ReadonlyMap<string, Codec>, random: Random, depth: number): Fields {
  const fields: Fields = {};
  const chosen = type.oneofsArray.map((oneof) => (isOptional(oneof) ? undefined : random.pick(oneof.fieldsArray)));
  for (const field of type.fieldsArray) {
    if (isChoice(field) && !chosen.includes(field)) continue;
    if (random.chance(0.4) || (isMessage(field) && random.below(MAX_DEPTH) < depth)) continue;
    const value = () =>
      isMessage(field)
        ? randomMessage(field.resolvedType as protobuf.Type, codecs, random, depth + 1)
        : randomScalar(field, field.type, random);
    const times = Array.from({ length: 1 + random.below(3) });
    if (field instanceof protobuf.MapField) {
      fields[field.name] = new Map(times.map(() => [randomScalar(field, field.keyType, random), value()]));
    } else fields[field.name] = field.repeated ? times.map(value) : value();
  }
  return codecOf(type, codecs).create(fields);
}

const TEXTS = ["", "a", "scope/w:0", "é漢🎉", "\u0000\u007f", "x".repeat(200)];
const FLOATS = [0, -0, 1.5, -2.25, 2 ** 100, Number.POSITIVE_INFINITY, Number.NaN];

function randomScalar(field: protobuf.Field, type: string, random: Random): unknown {
  if (field.resolvedType instanceof protobuf.Enum && type === field.type) {
    return random.pick(Object.values(field.resolvedType.values));
  }
  const bits = () => new DataView(random.bytes(8).buffer);
  switch (type) {
    case "string":
      return random.pick(TEXTS);
    case "bytes":
      return random.bytes(random.below(20));
    case "bool":
      return random.chance(0.5);
    case "float":
      return random.chance(0.5) ? random.pick(FLOATS) : Math.fround(random.below(1e6) / 7);
    case "double":
      return random.chance(0.5) ? random.pick(FLOATS) : random.below(1e6) / 7;
    case "int32":
      return random.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), bits().getInt32(0)]);
    case "uint32":
    case "fixed32":
      return random.pick([0, 1, 2 ** 32 - 1, bits().getUint32(0)]);
    case "int64":
    case "sint64":
      if (isNumber(field)) return random.pick([0, 1, -1, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
      return random.pick([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), bits().getBigInt64(0)]);
    case "uint64":
    case "fixed64":
      return random.pick([0n, 1n, 2n ** 64n - 1n, bits().getBigUint64(0)]);
    default:
      throw new Error(`${field.fullName} has the unknown type ${type}`);
  }
}

/** Converts a message to the form that protobufjs accepts: 64-bit integers as text, maps as objects. */
function toTheirs(type: protobuf.Type, message: Fields): Fields {
  return Object.fromEntries(
    type.fieldsArray.flatMap((field): [string, unknown][] => {
      const value = message[field.name];
      if (value === undefined) return [];
      const one = (item: unknown) =>
        isMessage(field) ? toTheirs(field.resolvedType as protobuf.Type, item as Fields) : scalarToTheirs(item);
      if (value instanceof Map) {
        return [[field.name, Object.fromEntries([...value].map(([key, item]) => [String(key), one(item)]))]];
      }
      return [[field.name, field.repeated ? (value as unknown[]).map(one) : one(value)]];
    }),
  );
}

function scalarToTheirs(value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Converts a message that protobufjs decoded to the form of the codecs. */
function fromTheirs(type: protobuf.Type, theirs: Fields, codecs: ReadonlyMap<string, Codec>): Fields {
  const fields: Fields = {};
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(theirs, field.name)) continue;
    const value = theirs[field.name];
    const one = (item: unknown) =>
      isMessage(field)
        ? fromTheirs(field.resolvedType as protobuf.Type, item as Fields, codecs)
        : scalarFromTheirs(field, item);
    if (field instanceof protobuf.MapField) {
      const entries = Object.entries(value as Fields);
      fields[field.name] = new Map(entries.map(([key, item]) => [keyFromTheirs(field, key), one(item)]));
    } else fields[field.name] = field.repeated ? (value as unknown[]).map(one) : one(value);
  }
  return codecOf(type, codecs).create(fields);
}

function scalarFromTheirs(field: protobuf.Field, value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (!/64$/.test(field.type)) return value;
  return isNumber(field) ? Number(value) : BigInt(String(value));
}

/** Converts a key of a map. protobufjs stores a 64-bit key as a text of eight bytes. */
function keyFromTheirs({ keyType }: protobuf.MapField, key: string): unknown {
  if (keyType === "string") return key;
  if (!/64$/.test(keyType)) return Number(key);
  return BigInt(String(protobuf.util.longFromHash(key, keyType !== "int64")));
}

function isMessage(field: protobuf.Field): boolean {
  return field.resolvedType instanceof protobuf.Type;
}

/** True for a 64-bit field whose values are numbers. */
function isNumber(field: protobuf.Field): boolean {
  return field.options?.jstype === "JS_NUMBER";
}

/** True for the synthetic oneof of an `optional` field. */
function isOptional(oneof: protobuf.OneOf): boolean {
  return oneof.isProto3Optional;
}

function isChoice(field: protobuf.Field): boolean {
  return field.partOf !== null && !isOptional(field.partOf);
}
