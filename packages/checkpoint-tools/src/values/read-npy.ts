import {
  DataLossError,
  type DType,
  dtypeInfo,
  makeTensor,
  numElements,
  type Shape,
  type Tensor,
  tensorFromBytes,
  UnimplementedError,
} from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";
import { type CallOptions, closing, type ReadableFile, type Storage } from "@tfsaver/storage";

/** What the header of a NumPy file says. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: Shape;
  /** True if the first index varies fastest (Fortran's order). */
  readonly isFortran: boolean;
  /** True if numbers are big-endian. */
  readonly isBigEndian: boolean;
  /** Size of an element in the file, in bytes. */
  readonly itemSize: number;
  /** Where the elements start. */
  readonly offset: number;
}

/** Maximum length of a header in bytes. NumPy refuses longer ones, too. */
const MAX_HEADER = 10_000;

/**
 * Reads the header of a NumPy file (`.npy`).
 *
 * @param raw - dtype of elements that NumPy stores as raw bits: `bfloat16`, `float8_*` and others. Default: they are refused
 * @throws `NotFoundError`; `DataLossError` if it is no such file, or its length does not fit; `UnimplementedError` for dtypes that
 * a checkpoint can't hold, such as dates and Python's text (`U…`).
 */
export async function readNpyHeader(
  storage: Storage,
  path: string,
  { raw, ...options }: CallOptions & { readonly raw?: DType | undefined },
): Promise<NpyHeader> {
  const file = await storage.open(path, options);
  return closing(file, async () => {
    const start = await readBytes(file, 0, 12, options);
    const isNpy = start.length === 12 && String.fromCharCode(...start.subarray(0, 6)) === "\x93NUMPY";
    if (!isNpy) throw damaged(path, "it does not begin like one");
    const view = new DataView(start.buffer);
    const isFirstVersion = start[6] === 1;
    const length = isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true);
    if (length > MAX_HEADER) throw damaged(path, `its header has ${length} bytes`);
    const begin = isFirstVersion ? 10 : 12;
    const text = new TextDecoder().decode(await readBytes(file, begin, length, options));
    const header = { ...parseHeader(text, path, raw), offset: begin + length };
    const expected = header.offset + numElements(header.shape) * header.itemSize;
    if (file.size !== expected) throw damaged(path, `it has ${file.size} bytes, expected ${expected}`);
    return header;
  });
}

/**
 * Reads the elements of a NumPy file in row-major order, in pieces. Those of a Fortran-ordered file, and strings, come in one piece.
 *
 * @throws `DataLossError` if a text is damaged; the storage's errors.
 */
export async function* readNpyPieces(
  storage: Storage,
  path: string,
  header: NpyHeader,
  options: CallOptions,
): AsyncGenerator<Tensor> {
  const { dtype, shape, itemSize, offset, isFortran } = header;
  const count = numElements(shape);
  if (count === 0) return;
  const isWhole = isFortran || dtype === "string";
  const step = isWhole ? count : Math.max(1, Math.floor(PIECE_BYTES / itemSize));
  const file = await storage.open(path, options);
  try {
    for (let at = 0; at < count; at += step) {
      const length = Math.min(step, count - at);
      const bytes = await readBytes(file, offset + at * itemSize, length * itemSize, options);
      if (bytes.length < length * itemSize) throw damaged(path, "it ends too early");
      const inOrder = isFortran ? toRowMajor(bytes, shape, itemSize) : bytes;
      yield dtype === "string" ? stringsOf(inOrder, header) : numbersOf(inOrder, length, header);
    }
  } finally {
    await file.close();
  }
}

async function readBytes(file: ReadableFile, offset: number, length: number, options: CallOptions) {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
  await file.readInto(offset, [bytes], options);
  return bytes;
}

const NAMES: ReadonlyMap<string, DType> = new Map([
  ["b1", "bool"],
  ["i1", "int8"],
  ["i2", "int16"],
  ["i4", "int32"],
  ["i8", "int64"],
  ["u1", "uint8"],
  ["u2", "uint16"],
  ["u4", "uint32"],
  ["u8", "uint64"],
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
  ["c8", "complex64"],
  ["c16", "complex128"],
]);

function parseHeader(text: string, path: string, raw: DType | undefined): Omit<NpyHeader, "offset"> {
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const dims = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (order === null || dims === null) throw damaged(path, "its header can't be read");
  if (descr === null)
    throw new UnimplementedError(`${path} holds records or objects, which a checkpoint can't`, { path });
  const [, endian, kind, digits] = descr as unknown as [string, string, string, string];
  const itemSize = Number(digits);
  const shape = (dims[1] as string).split(",").flatMap((dim) => (dim.trim() === "" ? [] : [Number.parseInt(dim, 10)]));
  const common = { shape, isFortran: order[1] === "True" && shape.length > 1, isBigEndian: endian === ">", itemSize };
  if (kind === "S" && itemSize > 0) return { ...common, dtype: "string" };
  if (kind === "V") {
    if (raw !== undefined && itemSize > 0 && dtypeInfo(raw).size === itemSize) return { ...common, dtype: raw };
    const advice = "set a tensor that has the dtype already, or cast it in NumPy";
    throw new UnimplementedError(`${path} holds raw bits of ${itemSize} bytes without a dtype: ${advice}`, { path });
  }
  const dtype = NAMES.get(kind + digits);
  if (dtype !== undefined) return { ...common, dtype };
  throw new UnimplementedError(`${path} has NumPy's dtype ${kind}${digits}, which a checkpoint can't hold`, { path });
}

function numbersOf(bytes: Uint8Array, count: number, { dtype, isBigEndian }: NpyHeader): Tensor {
  const { swapUnit } = dtypeInfo(dtype);
  if (isBigEndian) for (let at = 0; at < bytes.length; at += swapUnit) bytes.subarray(at, at + swapUnit).reverse();
  return tensorFromBytes(dtype, [count], bytes);
}

/** Splits the bytes of strings of equal size, which NumPy pads with zeros. */
function stringsOf(bytes: Uint8Array, { shape, itemSize, dtype }: NpyHeader): Tensor {
  const strings: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += itemSize) {
    const item = bytes.subarray(at, at + itemSize);
    strings.push(item.slice(0, item.findLastIndex((byte) => byte !== 0) + 1));
  }
  return makeTensor(dtype, shape, strings);
}

/** Reorders elements whose first index varies fastest. */
function toRowMajor(bytes: Uint8Array, shape: Shape, itemSize: number): Uint8Array {
  const strides: number[] = [];
  let stride = 1;
  for (const dim of shape) {
    strides.push(stride);
    stride *= dim;
  }
  const result = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  for (let at = 0; at < bytes.length; at += itemSize) {
    const from = index.reduce((sum, i, d) => sum + i * (strides[d] as number), 0) * itemSize;
    result.set(bytes.subarray(from, from + itemSize), at);
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < (shape[d] as number)) break;
      index[d] = 0;
    }
  }
  return result;
}

function damaged(path: string, why: string): DataLossError {
  return new DataLossError(`${path} is no intact NumPy file (.npy): ${why}`, { path });
}
