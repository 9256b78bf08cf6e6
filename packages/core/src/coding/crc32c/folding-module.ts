/** Exports of the WebAssembly module. */
interface FoldingExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** For each `at` from `from` to `to`: adds to the byte at `at + longest` the byte at each distance before it. */
  readonly fold: (from: number, to: number) => void;
}

const PAGE = 65536;
const VECTOR = 16;

// Types, sections and instructions, named as in the WebAssembly specification.
const I32 = 0x7f;
const EMPTY = 0x40;
const [TYPE, FUNCTION, MEMORY, EXPORT, CODE] = [1, 3, 5, 7, 10];
const [EXPORTED_FUNCTION, EXPORTED_MEMORY] = [0, 2];
const [LOOP, END, BR_IF] = [0x03, 0x0b, 0x0d];
const [LOCAL_GET, LOCAL_TEE] = [0x20, 0x22];
const [I32_CONST, I32_LT_U, I32_ADD] = [0x41, 0x49, 0x6a];
const V128_LOAD = [0xfd, 0x00];
const V128_STORE = [0xfd, 0x0b];
const V128_XOR = [0xfd, 0x51];
const UNALIGNED = 0;
const [AT, TO] = [0, 1];

/**
 * Compiles a WebAssembly module that folds a message with vectors, two per step. The module is small enough to be written
 * by hand, so no WebAssembly compiler is needed.
 *
 * @param distances - bytes by which a byte is carried, ascending, each at least two vectors
 * @param memorySize - size of the memory in bytes
 * @throws an error if the engine has no WebAssembly with vectors.
 */
export function compileFolding(distances: readonly number[], memorySize: number): FoldingExports {
  const longest = distances.at(-1) as number;
  const load = (offset: number) => [LOCAL_GET, AT, ...V128_LOAD, UNALIGNED, ...leb128(offset)];
  const foldVector = (shift: number) => [
    ...[LOCAL_GET, AT],
    ...load(longest + shift),
    ...distances.flatMap((distance) => [...load(longest - distance + shift), ...V128_XOR]),
    ...[...V128_STORE, UNALIGNED, ...leb128(longest + shift)],
  ];
  const body = [
    ...[LOOP, EMPTY],
    ...foldVector(0),
    ...foldVector(VECTOR),
    ...[LOCAL_GET, AT, I32_CONST, 2 * VECTOR, I32_ADD, LOCAL_TEE, AT],
    ...[LOCAL_GET, TO, I32_LT_U, BR_IF, 0],
    END,
    END,
  ];
  const module = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(TYPE, [[0x60, 2, I32, I32, 0]]),
    ...section(FUNCTION, [[0]]),
    ...section(MEMORY, [[0, ...leb128(Math.ceil(memorySize / PAGE))]]),
    ...section(EXPORT, [
      [...name("memory"), EXPORTED_MEMORY, 0],
      [...name("fold"), EXPORTED_FUNCTION, 0],
    ]),
    ...section(CODE, [sized([0, ...body])]),
  ];
  const compiled = new WebAssembly.Module(new Uint8Array(module));
  return new WebAssembly.Instance(compiled).exports as unknown as FoldingExports;
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...leb128(items.length), ...items.flat()])];
}

function sized(bytes: readonly number[]): number[] {
  return [...leb128(bytes.length), ...bytes];
}

function name(text: string): number[] {
  return sized([...text].map((letter) => letter.charCodeAt(0)));
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}
