import { DataLossError, type DType, type Shape, UnimplementedError } from "@tfsaver/core";
import { isNameBeside } from "../source/file-beside.js";
import { isObject, shapeFromJson } from "../source/parse-json.js";

/** Dtypes that TensorFlow.js has. */
export const TFJS_DTYPES: ReadonlySet<DType> = new Set(["float32", "int32", "bool", "complex64", "string"] as const);

/** A weight in a `weightsManifest`. */
export interface Weight {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly quantization?: Quantization | undefined;
}

/** How a weight was quantized: its value is `stored * scale + min`. A `float16` is stored as it is. */
export interface Quantization {
  readonly dtype: "uint8" | "uint16" | "float16";
  readonly scale: number;
  readonly min: number;
}

/** Weights that lie one after another in some files. */
export interface WeightGroup {
  /** Names of the files, which are beside the `model.json`. */
  readonly files: readonly string[];
  readonly weights: readonly Weight[];
}

/**
 * Checks the groups of a `model.json`.
 *
 * @throws `DataLossError` if they are damaged; `UnimplementedError` for dtypes that TensorFlow.js lacks.
 */
export function parseManifest(model: Readonly<Record<string, unknown>>, path: string): WeightGroup[] {
  const { weightsManifest: groups } = model;
  if (!Array.isArray(groups)) throw damaged(path, "it has no weightsManifest");
  return groups.map((group) => {
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
      throw damaged(path, "a group of its weightsManifest is not valid");
    }
    const weights = group.weights.map((weight) => parseWeight(weight, path));
    return { files: group.paths.map((name) => fileNameOf(name, path)), weights };
  });
}

function fileNameOf(name: unknown, path: string): string {
  if (isNameBeside(name)) return name;
  throw damaged(path, `it names ${JSON.stringify(name)}, which is no file beside it`);
}

function parseWeight(value: unknown, path: string): Weight {
  const { name, dtype, shape: dims, quantization } = isObject(value) ? value : {};
  const shape = shapeFromJson(dims);
  if (typeof name !== "string" || typeof dtype !== "string" || shape === undefined) {
    throw damaged(path, `its weight ${JSON.stringify(name)} is not valid`);
  }
  if (!TFJS_DTYPES.has(dtype as DType)) {
    throw new UnimplementedError(`${path}: weight ${name} is ${dtype}, which TensorFlow.js does not read`, {
      path,
      tensor: name,
    });
  }
  return { name, dtype: dtype as DType, shape, quantization: parseQuantization(quantization, `weight ${name}`, path) };
}

function parseQuantization(value: unknown, what: string, path: string): Quantization | undefined {
  if (value === undefined || value === null) return undefined;
  const { dtype, scale = 1, min = 0 } = isObject(value) ? value : {};
  const isKnown = dtype === "uint8" || dtype === "uint16" || dtype === "float16";
  if (isKnown && typeof scale === "number" && typeof min === "number") return { dtype, scale, min };
  throw damaged(path, `the quantization of its ${what} is not valid`);
}

/** Makes the error of a damaged `model.json`, or of its files. */
export function damaged(path: string, why: string): DataLossError {
  return new DataLossError(`${path} is no model.json of TensorFlow.js, or damaged: ${why}`, { path });
}
