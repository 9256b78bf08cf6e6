import { ValueError } from "@tfsaver/core";

/** A device as far as it is named; parts that are not are `undefined` (`tf.compat.v1.DeviceSpec`). */
export interface DeviceSpec {
  readonly job?: string | undefined;
  readonly replica?: number | undefined;
  readonly task?: number | undefined;
  /** In upper case, such as `GPU`. */
  readonly type?: string | undefined;
  /** Number of the device of its type. */
  readonly index?: number | undefined;
}

/** The types that may stand without `device:` before them (`/cpu:0`). */
const SHORT_TYPES: ReadonlySet<string> = new Set(["CPU", "GPU", "TPU", "EPU", "CUSTOM"]);

/**
 * Reads a device name such as `/job:ps/task:0/device:GPU:1` or `/cpu:0`.
 *
 * @throws `ValueError` if a part is unknown, or two parts name a device type.
 */
export function parseDevice(name: string): DeviceSpec {
  const spec: { -readonly [K in keyof DeviceSpec]: DeviceSpec[K] } = {};
  const setType = (type: string, index: string) => {
    if (spec.type !== undefined) throw new ValueError(`The device spec '${name}' has two device types`);
    spec.type = type.toUpperCase();
    if (index !== "*") spec.index = numberIn(index, name);
  };
  for (const part of name.split("/").filter((text) => text !== "")) {
    const [key, value, index, ...rest] = part.split(":") as [string, ...(string | undefined)[]];
    const isPair = value !== undefined && index === undefined;
    if (isPair && key === "job") spec.job = value;
    else if (isPair && key === "replica") spec.replica = numberIn(value, name);
    else if (isPair && key === "task") spec.task = numberIn(value, name);
    else if (index === undefined && SHORT_TYPES.has(key.toUpperCase())) setType(key, value ?? "*");
    else if (key === "device" && value !== undefined && index !== undefined && rest.length === 0) setType(value, index);
    else throw new ValueError(`Unknown attribute '${key}' is encountered while parsing the device spec: '${name}'.`);
  }
  return spec;
}

function numberIn(text: string, name: string): number {
  if (!/^\d+$/.test(text)) throw new ValueError(`'${text}' is not a number in the device spec '${name}'`);
  return Number(text);
}

/** The canonical name of a device; `""` if no part is named. A type without a number stands for any of its devices. */
export function formatDevice(spec: DeviceSpec): string {
  const parts: string[] = [];
  if (spec.job !== undefined) parts.push(`/job:${spec.job}`);
  if (spec.replica !== undefined) parts.push(`/replica:${spec.replica}`);
  if (spec.task !== undefined) parts.push(`/task:${spec.task}`);
  if (spec.type !== undefined) parts.push(`/device:${spec.type}:${spec.index ?? "*"}`);
  return parts.join("");
}

/** A device name in its canonical form: `/cpu:0` becomes `/device:CPU:0`. */
export function canonicalDevice(name: string): string {
  return formatDevice(parseDevice(name));
}

/**
 * `inner` completed by what only `outer` names: `/cpu:1` around `/job:ps/gpu` gives `/job:ps/device:GPU:1`, as in
 * TensorFlow.
 */
export function mergeDevices(outer: string, inner: string): string {
  return formatDevice({ ...parseDevice(outer), ...parseDevice(inner) });
}
