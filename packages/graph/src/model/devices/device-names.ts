import { ValueError } from "@tfsaver/core";

/** The parts of a device name (`tf.compat.v1.DeviceSpec`). Parts that the name leaves out are `undefined`. */
export interface DeviceSpec {
  readonly job?: string | undefined;
  readonly replica?: number | undefined;
  readonly task?: number | undefined;
  /** In upper case, such as `GPU`. */
  readonly type?: string | undefined;
  /** Number of the device among those of its type. */
  readonly index?: number | undefined;
}

/** The types that may stand without `device:` before them (`/cpu:0`). */
const SHORT_TYPES: ReadonlySet<string> = new Set(["CPU", "GPU", "TPU", "EPU", "CUSTOM"]);

/**
 * Parses a device name such as `/job:ps/task:0/device:GPU:1` or `/cpu:0`.
 *
 * @example
 * ```ts
 * import { parseDevice } from "@tfsaver/graph";
 *
 * console.log(parseDevice("/job:ps/task:0/gpu:1")); // { job: "ps", task: 0, type: "GPU", index: 1 }
 * ```
 *
 * @throws `ValueError` if a part is unknown, or two parts name a device type.
 */
export function parseDevice(name: string): DeviceSpec {
  const spec: { -readonly [K in keyof DeviceSpec]: DeviceSpec[K] } = {};
  const setType = (type: string, index: string) => {
    if (spec.type !== undefined) throw new ValueError(`The device spec '${name}' has two device types`);
    spec.type = type.toUpperCase();
    if (index !== "*") spec.index = parseNumber(index, name);
  };
  for (const part of name.split("/").filter((text) => text !== "")) {
    const [key, value, index, ...rest] = part.split(":") as [string, ...(string | undefined)[]];
    const isPair = value !== undefined && index === undefined;
    if (isPair && key === "job") spec.job = value;
    else if (isPair && key === "replica") spec.replica = parseNumber(value, name);
    else if (isPair && key === "task") spec.task = parseNumber(value, name);
    else if (index === undefined && SHORT_TYPES.has(key.toUpperCase())) setType(key, value ?? "*");
    else if (key === "device" && value !== undefined && index !== undefined && rest.length === 0) setType(value, index);
    else throw new ValueError(`Unknown attribute '${key}' is encountered while parsing the device spec: '${name}'.`);
  }
  return spec;
}

function parseNumber(text: string, name: string): number {
  if (!/^\d+$/.test(text)) throw new ValueError(`'${text}' is not a number in the device spec '${name}'`);
  return Number(text);
}

/**
 * Prints a device in its canonical form; `""` if it names nothing. A type without an index means any device of the type.
 *
 * @example
 * ```ts
 * import { formatDevice } from "@tfsaver/graph";
 *
 * console.log(formatDevice({ job: "ps", type: "GPU" })); // /job:ps/device:GPU:*
 * ```
 */
export function formatDevice(spec: DeviceSpec): string {
  const parts: string[] = [];
  if (spec.job !== undefined) parts.push(`/job:${spec.job}`);
  if (spec.replica !== undefined) parts.push(`/replica:${spec.replica}`);
  if (spec.task !== undefined) parts.push(`/task:${spec.task}`);
  if (spec.type !== undefined) parts.push(`/device:${spec.type}:${spec.index ?? "*"}`);
  return parts.join("");
}

/**
 * Rewrites a device name in its canonical form.
 *
 * @example
 * ```ts
 * import { canonicalDevice } from "@tfsaver/graph";
 *
 * console.log(canonicalDevice("/cpu:0")); // /device:CPU:0
 * ```
 *
 * @throws `ValueError` as {@link parseDevice}.
 */
export function canonicalDevice(name: string): string {
  return formatDevice(parseDevice(name));
}

/**
 * Fills in the parts that `inner` leaves out from `outer`, as nested device scopes do. The index counts as a part of its
 * own, as in TensorFlow.
 *
 * @example
 * ```ts
 * import { mergeDevices } from "@tfsaver/graph";
 *
 * console.log(mergeDevices("/job:ps/cpu:1", "/gpu:0")); // /job:ps/device:GPU:0
 * console.log(mergeDevices("/cpu:1", "/job:ps/gpu")); // /job:ps/device:GPU:1
 * ```
 *
 * @throws `ValueError` as {@link parseDevice}.
 */
export function mergeDevices(outer: string, inner: string): string {
  return formatDevice({ ...parseDevice(outer), ...parseDevice(inner) });
}
