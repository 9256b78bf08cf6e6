import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sliceKey } from "@tfsaver/core/coding";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { concat, varint } from "../../../tools/fuzz/bytes.js";
import { encodeMessage, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { snappy } from "../../../tools/fuzz/snappy.js";
import { frameTable, type RawBlock } from "../../../tools/fuzz/tables.js";

/** Size in bytes of each hostile file, at most. */
const FILE_SIZE = 983_000;

const utf8 = new TextEncoder();
const shape = (...dims: bigint[]) => messageField(2, ...dims.map((dim) => messageField(2, numberField(1, dim))));
const EMPTY_TENSOR = encodeMessage([numberField(1, 1n), shape(0n)]);
const HEADER = encodeMessage([numberField(1, 1n), messageField(3, numberField(1, 1n))]);
const LAST_KEY = Uint8Array.of(0xff);

/** Bytes that grow. */
class Sink {
  #bytes = new Uint8Array(1 << 20);
  size = 0;

  add(...parts: Uint8Array[]): this {
    for (const part of parts) {
      if (this.size + part.length > this.#bytes.length) {
        const larger = new Uint8Array(2 * (this.size + part.length));
        larger.set(this.#bytes);
        this.#bytes = larger;
      }
      this.#bytes.set(part, this.size);
      this.size += part.length;
    }
    return this;
  }

  /** Adds an entry of a block. */
  entry(shared: number, key: Uint8Array, value: Uint8Array): this {
    return this.add(varint(BigInt(shared)), varint(BigInt(key.length)), varint(BigInt(value.length)), key, value);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }

  /** Returns a block whose only whole key is the first. */
  block(): Uint8Array {
    return concat([this.bytes(), Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)]);
  }
}

/** Counts in base 127, so that the bytes are UTF-8 and sort as the numbers do. */
function ascending(i: number): Uint8Array {
  return Uint8Array.of(
    1 + (Math.floor(i / 127 ** 3) % 127),
    1 + (Math.floor(i / 127 ** 2) % 127),
    1 + (Math.floor(i / 127) % 127),
    1 + (i % 127),
  );
}

/** Returns the block with as many entries as fit into the file once it is compressed. */
function largest(make: (count: number) => Uint8Array): RawBlock {
  let [count, contents] = [1000, snappy(make(1000))];
  for (let next = count; ; ) {
    next = Math.floor(count * Math.min(8, (FILE_SIZE * 0.97) / contents.length));
    if (next < count * 1.05) break;
    const more = snappy(make(next));
    if (more.length > FILE_SIZE * 0.99) break;
    [count, contents] = [next, more];
  }
  return { contents, lastKey: LAST_KEY, type: 1 };
}

function bundleOf(make: (sink: Sink, count: number) => Sink): Uint8Array {
  const head = new Sink().entry(0, new Uint8Array(), HEADER).block();
  return frameTable([
    { contents: head, lastKey: new Uint8Array() },
    largest((count) => make(new Sink(), count).block()),
  ]);
}

/** Each kind of index, and what listing its tensors says. */
const kinds: Readonly<Record<string, { readonly make: () => Uint8Array; readonly says: string }>> = {
  "a few million names of a few hundred bytes that share all but their ends": {
    says: "too many or too long",
    make: () =>
      bundleOf((sink, count) => {
        sink.entry(0, new Uint8Array(280).fill(97), EMPTY_TENSOR);
        for (let i = 0; i < count; i++) sink.entry(280, ascending(i), EMPTY_TENSOR);
        return sink;
      }),
  },
  "names that grow by one byte each": {
    says: "too many or too long",
    make: () =>
      bundleOf((sink, count) => {
        for (let i = 0; i < count; i++) sink.entry(i, Uint8Array.of(97), EMPTY_TENSOR);
        return sink;
      }),
  },
  "as many short names of empty tensors as can be": {
    says: "accepted",
    make: () =>
      bundleOf((sink, count) => {
        sink.entry(0, Uint8Array.of(97), EMPTY_TENSOR);
        for (let i = 0; i < count; i++) sink.entry(1, ascending(i), EMPTY_TENSOR);
        return sink;
      }),
  },
  "as many entries without content as can be": {
    says: "not parseable",
    make: () =>
      bundleOf((sink, count) => {
        for (let i = 0; i < count; i++) sink.entry(0, ascending(i), new Uint8Array());
        return sink;
      }),
  },
  "a tensor of millions of slices": {
    says: "corrupted compressed block",
    make: () =>
      bundleOf((sink, count) => {
        const whole = new Sink().add(encodeMessage([numberField(1, 1n), shape(4n)]));
        for (let i = 0; i < count; i++) whole.add(Uint8Array.of(0x3a, 2, 0x0a, 0));
        return sink.entry(0, Uint8Array.of(97), whole.bytes());
      }),
  },
  "a tensor of as many slices as an index may expand to": {
    says: "not parseable",
    make: () =>
      bundleOf((sink, count) => {
        const noise = crypto.getRandomValues(new Uint8Array(Math.min(65_536, count)));
        const whole = new Sink().add(encodeMessage([numberField(1, 1n), shape(4n)]));
        for (let i = 0; i < count; i++) {
          whole.add(Uint8Array.of(0x3a, 2, 0x0a, 0));
          // A field that is skipped, of what does not compress.
          if (i % 64 === 0) whole.add(Uint8Array.of(0x7a, 24), noise.subarray(i % 65_000, (i % 65_000) + 24));
        }
        return sink.entry(0, Uint8Array.of(97), whole.bytes());
      }),
  },
  "tensors of a slice each, all in one block without restarts": {
    says: "accepted",
    make: () =>
      bundleOf((sink, count) => {
        const value = encodeMessage([numberField(1, 1n), shape(0n)]);
        const slice = encodeMessage([messageField(7, messageField(1))]);
        const names = Array.from({ length: count }, (_, i) => concat([utf8.encode("n"), ascending(i)]));
        for (const name of names) sink.entry(0, sliceKey(name, ["full"]), value);
        for (const name of names) sink.entry(0, name, concat([value, slice]));
        return sink;
      }),
  },
};

const folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-index-"));

afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import { listVariables, openCheckpoint } from "./packages/checkpoint-reader/src/index.ts";
import { verifyCheckpoint, digestCheckpoint } from "./packages/checkpoint-tools/src/index.ts";

const tried = {
  list: () => listVariables(input),
  digest: () => digestCheckpoint(input),
  verify: async () => {
    const { problems: [first] } = await verifyCheckpoint(input);
    if (first !== undefined) throw Object.assign(new Error(first.message), { kind: "problem" });
  },
};
for (const [name, run] of Object.entries(tried)) {
  console.log(name, await run().then(() => "accepted", ({ kind, message }) => kind + " " + message.slice(0, 300)));
}
`;

describe.each(Object.entries(kinds))("an index of 983 kB that holds, compressed, %s", (kind, { make, says }) => {
  const prefix = join(folder, kind.replace(/\W+/g, "-"));

  beforeAll(() => {
    writeFileSync(`${prefix}.index`, make());
    writeFileSync(`${prefix}.data-00000-of-00001`, "");
    expect(statSync(`${prefix}.index`).size).toBeLessThan(FILE_SIZE);
  }, 60_000);

  it("is listed, digested and verified in little time and memory, or refused", async () => {
    const [list, ...others] = (await runInOwnProcess(PROGRAM, prefix)).trimEnd().split("\n");
    expect(list).toContain(says);
    for (const line of others) expect(line).toMatch(/^(digest DataLossError|verify problem) /);
  }, 60_000);
});

it("an index block whose keys are many times as long as the file is refused when the checkpoint is opened", async () => {
  const rows = new Sink().entry(0, new Uint8Array(280).fill(97), Uint8Array.of(0, 0));
  for (let i = 0; i < 200_000; i++) rows.entry(280, ascending(i), Uint8Array.of(0, 0));
  const prefix = join(folder, "index-block");
  writeFileSync(`${prefix}.index`, frameTable([], rows.block()));
  expect(await runInOwnProcess(PROGRAM, prefix)).toMatch(/^list DataLossError .*bad block handle/);
}, 60_000);

it("a V1 file of 983 kB whose list holds millions of tensors is refused when it is opened", async () => {
  const { contents } = largest((count) => {
    const list = new Sink();
    for (let i = 0; i < count; i++) list.add(Uint8Array.of(0x0a, 5, 0x0a, 1, 97, 0x18, 1));
    const length = varint(BigInt(list.size));
    return new Sink().entry(0, new Uint8Array(), concat([Uint8Array.of(0x0a), length, list.bytes()])).block();
  });
  const prefix = join(folder, "v1");
  writeFileSync(prefix, frameTable([{ contents, lastKey: LAST_KEY, type: 1 }]));
  expect(await runInOwnProcess(PROGRAM, prefix)).toMatch(/^list InternalError .*the list of tensors is too long/);
}, 60_000);
