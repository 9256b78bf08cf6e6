import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { type DType, type OperationOptions, UnimplementedError, ValueError } from "@tfsaver/core";
import { carry, isCarried } from "../source/carried.js";

/** What a format can hold. */
export interface FormatRules {
  /** Name of the format, for messages. */
  readonly format: string;
  /** True if the format holds such a tensor bit for bit. */
  readonly holds: (info: TensorInfo, source: TensorSource) => boolean | Promise<boolean>;
  /** Returns the dtype of the format to which a tensor can be cast; `undefined` if there is none. */
  readonly castTo: (dtype: DType) => DType | undefined;
}

/** Options about tensors that a format can't hold. */
export interface UnsupportedOptions {
  /**
   * Casts tensors that the format can't hold bit for bit to a dtype that it has. Integers that are out of range are an error;
   * floats are rounded. Default: false, an error.
   */
  readonly cast?: boolean | undefined;
  /** Leaves out tensors that the format can't hold. Default: false, an error. */
  readonly dropUnsupported?: boolean | undefined;
}

/** A tensor and the dtype in which it is written. */
export interface PlannedTensor {
  readonly info: TensorInfo;
  readonly dtype: DType;
}

/** What will be written to a file of another format. */
export interface ExportPlan {
  readonly tensors: readonly PlannedTensor[];
  /** Names of the tensors that travel as text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the tensors that are left out. */
  readonly dropped: readonly string[];
}

/** Most names in a message. */
const MAX_NAMES = 100;

/**
 * Decides which tensors are written, and in which dtypes, before anything is.
 *
 * @throws `UnimplementedError` that lists the tensors which the format can't hold, unless the options allow to cast or drop them;
 * `ValueError` if all would be dropped.
 */
export async function planExport(
  source: TensorSource,
  rules: FormatRules,
  options: UnsupportedOptions & OperationOptions,
): Promise<ExportPlan> {
  const tensors: PlannedTensor[] = [];
  const carried: TensorInfo[] = [];
  const dropped: string[] = [];
  const problems: TensorInfo[] = [];
  for await (const info of source.tensors(options)) {
    const cast = options.cast ? rules.castTo(info.dtype) : undefined;
    if (isCarried(info)) carried.push(info);
    else if (await rules.holds(info, source)) tensors.push({ info, dtype: info.dtype });
    else if (cast !== undefined) tensors.push({ info, dtype: cast });
    else if (options.dropUnsupported) dropped.push(info.name);
    else problems.push(info);
  }
  if (problems.length > 0) throw unsupported(problems, tensors.length + problems.length, rules);
  if (tensors.length === 0 && dropped.length > 0) {
    throw new ValueError(`Nothing would be written: ${rules.format} can hold none of the ${dropped.length} tensors`);
  }
  return { tensors, metadata: await carry(source, carried, options), dropped };
}

function unsupported(problems: readonly TensorInfo[], count: number, { format, castTo }: FormatRules): Error {
  const names = problems.slice(0, MAX_NAMES).map(({ name, dtype }) => `${name} (${dtype})`);
  if (problems.length > MAX_NAMES) names.push(`${problems.length - MAX_NAMES} more`);
  const canCast = problems.some(({ dtype }) => castTo(dtype) !== undefined);
  return new UnimplementedError(
    `${format} can't hold ${problems.length} of ${count} tensors bit for bit: ${names.join(", ")}. ` +
      `Pass dropUnsupported (tfckpt: --drop-unsupported) to leave them out${
        canCast ? ", or cast (--cast) to convert those of which the numbers fit" : ""
      }.`,
  );
}
