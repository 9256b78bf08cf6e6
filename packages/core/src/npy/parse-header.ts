import { DataLossError, UnimplementedError } from "../errors.js";
import type { DType } from "../tensor/dtype.js";
import { MAX_RANK, type Shape } from "../tensor/shape.js";

/** An array in a NumPy file, as its header describes it. */
export interface NpyArray {
  /** Dtype of the elements; `undefined` for raw bits of one byte, which may be of several dtypes. */
  readonly dtype: DType | undefined;
  readonly shape: Shape;
  /** Size in bytes of an element as it is stored. */
  readonly itemBytes: number;
  /** True if the first dimension varies fastest. */
  readonly fortranOrder: boolean;
  /** True if the bytes of each element are stored in the reverse order. */
  readonly bigEndian: boolean;
  /** Offset in bytes of the first element. */
  readonly start: number;
}

/** Length in bytes of the longest header that is read. NumPy itself stops at 10,000. */
const MAX_HEADER_BYTES = 1 << 16;

const HEADER = /^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\sL]*)\),?\s*\}\s*$/;

/**
 * Parses the header of a NumPy file, of version 1, 2 or 3.
 *
 * @param head - the first bytes of the file: 64 KiB, or all if it is shorter
 * @param path - for messages
 * @throws `DataLossError` if it is not a valid header; `UnimplementedError` if the elements are Python objects, records, dates
 * or of another type that TensorFlow lacks.
 */
export function parseNpyHeader(head: Uint8Array, path: string): NpyArray {
  const bad = (why: string) => new DataLossError(`${path} is not a NumPy file that can be read: ${why}`, { path });
  if (head.length < 10 || String.fromCharCode(...head.subarray(0, 6)) !== "\x93NUMPY")
    throw bad("it has another start");
  const version = head[6] as number;
  if (version < 1 || version > 3) throw bad(`its version is ${version}`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const before = version === 1 ? 10 : 12;
  if (head.length < before) throw bad("its header is cut off");
  const start = before + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > Math.min(head.length, MAX_HEADER_BYTES)) throw bad("its header is cut off or too long");
  const text = new TextDecoder().decode(head.subarray(before, start));
  const found = HEADER.exec(text);
  if (found === null) {
    if (/^\{\s*'descr':\s*\[/.test(text))
      throw new UnimplementedError(`${path} holds records, which are no tensor`, { path });
    throw bad("its header is damaged");
  }
  const [, descr = "", order, dims = ""] = found;
  return { ...parseDescr(descr, path), shape: parseShape(dims, bad), fortranOrder: order === "True", start };
}

function parseShape(text: string, bad: (why: string) => DataLossError): Shape {
  const dims = text.split(",").map((part) => part.trim());
  if (dims.at(-1) === "") dims.pop();
  const shape = dims.map((dim) => (/^\d+L?$/.test(dim) ? Number.parseInt(dim, 10) : Number.NaN));
  if (shape.length > MAX_RANK) throw bad(`its shape has ${shape.length} dimensions`);
  if (!shape.every(Number.isSafeInteger)) throw bad(`its shape is (${text})`);
  // A dimension of 0 must not hide a product that is too large to compute with.
  if (!Number.isSafeInteger(shape.reduce((product, dim) => product * Math.max(dim, 1), 1)))
    throw bad("its shape is too large");
  return shape;
}

const KINDS: Readonly<Record<string, DType>> = {
  b1: "bool",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  V2: "bfloat16",
};

function parseDescr(descr: string, path: string): Pick<NpyArray, "dtype" | "itemBytes" | "bigEndian"> {
  const found = /^([<>|=])([a-zA-Z])([1-9]\d{0,8})$/.exec(descr);
  const [, order, kind, digits] = found ?? [];
  const dtype = kind === "S" ? "string" : KINDS[`${kind}${digits}`];
  const isRaw = kind === "V" && digits === "1";
  if (found === null || (dtype === undefined && !isRaw)) {
    throw new UnimplementedError(`${path} has elements of NumPy's type '${descr}', which no tensor has`, { path });
  }
  return { dtype, itemBytes: Number(digits), bigEndian: order === ">" };
}
