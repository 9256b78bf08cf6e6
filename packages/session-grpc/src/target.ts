import { ValueError } from "@tfsaver/core";

/**
 * The address `host:port` of a target `grpc://host:port`.
 *
 * @throws `ValueError` if the target has another form.
 */
export function addressOf(target: string): string {
  const address = /^grpc:\/\/([^/\s]+:\d+)\/?$/.exec(target)?.[1];
  if (address !== undefined) return address;
  throw new ValueError(`The target of a session must look like "grpc://host:port", not "${target}"`);
}
