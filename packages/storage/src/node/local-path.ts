import { InvalidArgumentError, UnimplementedError } from "@tfsaver/core";

/** A scheme has at least two characters: `C:` is a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
/** TensorFlow compares the scheme exactly and decodes nothing: `%20` is part of a name. */
const FILE_URL = /^file:\/\/(?:localhost)?(\/.*)$/s;

/**
 * Returns the path to pass to the system: the path of a `file://` URL, and any other path as it is.
 *
 * @throws `UnimplementedError` for another scheme; `InvalidArgumentError` for a `file://` URL of another machine, or a path
 * with a NUL character.
 */
export function localPath(path: string): string {
  if (path.includes("\0")) {
    throw new InvalidArgumentError(`${JSON.stringify(path)} has a NUL character, which no path can have`, { path });
  }
  const scheme = SCHEME.exec(path)?.[1];
  // On Windows, a drive alone is the working directory of that drive.
  if (scheme === undefined) return process.platform === "win32" && /^[a-z]:$/i.test(path) ? `${path}/` : path;
  if (scheme !== "file") {
    throw new UnimplementedError(
      `${path}: File system scheme '${scheme}' not implemented. NodeStorage has local paths and file:// alone: ` +
        `pass a \`storage\` for ${scheme}://`,
      { path },
    );
  }
  const local = FILE_URL.exec(path)?.[1];
  if (local === undefined) {
    throw new InvalidArgumentError(
      `${path} names a machine, not a local file: write file:/// before an absolute path`,
      {
        path,
      },
    );
  }
  return process.platform === "win32" ? local.replace(/^\/(?=[a-z]:)/i, "") : local;
}
