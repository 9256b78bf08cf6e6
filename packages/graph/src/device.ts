import { ValueError } from "@tfsaver/core";

/** A device as far as it is named; parts that are not are `undefined` (`tf.compat.v1.DeviceSpec`). */
export interface DeviceSpec {
  readonly job?: string | undefined;
  readonly replica?: number | undefined;
  readonly task?: number | undefined;
  readonly type?: string | undefined;
  /** Number of the device of its type; `*` for any. */
  readonly index?: number | "*" | undefined;
}

/**
 * Reads a device name such as `/job:ps/task:0/device:GPU:1` or `/cpu:0`.
 *
 * @throws `ValueError` if a part is unknown.
 */
export function parseDevice(name: string): DeviceSpec {
  const spec: { -readonly [K in keyof DeviceSpec]: DeviceSpec[K] } = {};
  for (const part of name.split("/").filter((text) => text !== "")) {
    const [key, value, extra] = part.split(":") as [string, string | undefined, string | undefined];
    if (key === "job" && value !== undefined) spec.job = value;
    else if (key === "replica" && isNumber(value)) spec.replica = Number(value);
    else if (key === "task" && isNumber(value)) spec.task = Number(value);
    else if (key === "device" && value !== undefined) setDevice(spec, value.toUpperCase(), extra, name);
    else if (/^[A-Za-z_]+$/.test(key) && value !== undefined && extra === undefined) {
      setDevice(spec, key.toUpperCase(), value, name);
    } else throw new ValueError(`Unknown attribute '${key}' is encountered while parsing the device spec: '${name}'.`);
  }
  return spec;
}

function setDevice(
  spec: { type?: string | undefined; index?: number | "*" | undefined },
  type: string,
  index: string | undefined,
  name: string,
): void {
  if (index !== undefined && index !== "*" && !isNumber(index)) {
    throw new ValueError(`'${index}' is not a device number in the device spec '${name}'`);
  }
  if (type !== "*") spec.type = type;
  if (index !== undefined) spec.index = index === "*" ? "*" : Number(index);
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}

/** The canonical name of a device; `""` if no part is named. */
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

/** `inner` completed by what only `outer` names. */
export function mergeDevices(outer: string, inner: string): string {
  const [under, over] = [parseDevice(outer), parseDevice(inner)];
  // A device type comes with its own number, never with that of another type.
  const device = over.type !== undefined ? over : under;
  return formatDevice({
    job: over.job ?? under.job,
    replica: over.replica ?? under.replica,
    task: over.task ?? under.task,
    type: device.type,
    index: over.index ?? device.index,
  });
}
