import { FailedPreconditionError, InvalidArgumentError, UnimplementedError, ValueError } from "@tfsaver/core";
import { normalizePath } from "@tfsaver/storage";

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\/([^/]*)(.*)$/is;

/** Turns paths into the keys of one bucket, below one prefix. */
export class Address {
  /** Without `/` at its ends; empty for the whole bucket. */
  readonly #prefix: string;

  /** @throws `ValueError` if the bucket's name is empty or has a `/`, or the prefix leads above the bucket. */
  constructor(
    readonly bucket: string,
    prefix: string,
  ) {
    if (bucket === "" || bucket.includes("/")) throw new ValueError(`bucket: '${bucket}' is not the name of a bucket`);
    this.#prefix = withoutRoot(normalizePath(prefix));
    if (isAbove(this.#prefix)) throw new ValueError(`prefix: '${prefix}' leads above the bucket`);
  }

  /**
   * Returns the key of a file.
   *
   * @throws `FailedPreconditionError` if the path can only be a directory; else as {@link Address.directoryKey}.
   */
  fileKey(path: string): string {
    const key = this.directoryKey(path);
    if (path.endsWith("/") || key === this.#prefix)
      throw new FailedPreconditionError(`${path} is a directory`, { path });
    return key;
  }

  /**
   * Returns the key of a file or directory, without a `/` at its end.
   *
   * @throws `UnimplementedError` if the path has another scheme, or leads to another bucket or above the prefix;
   * `InvalidArgumentError` if no key can have it.
   */
  directoryKey(path: string): string {
    if (path.includes("\0") || /\p{Surrogate}/u.test(path))
      throw new InvalidArgumentError(`${JSON.stringify(path)} has a character that no key can have`, { path });
    const [, scheme, bucket, rest = ""] = SCHEME.exec(path) ?? [];
    if (scheme === undefined) {
      const key = withoutRoot(normalizePath(path));
      if (isAbove(key)) throw this.#elsewhere(path, `leads above ${this.root}`);
      return [this.#prefix, key].filter((part) => part !== "").join("/");
    }
    if (scheme.toLowerCase() !== "s3") throw this.#elsewhere(path, `has the scheme '${scheme}', not s3`);
    if (bucket !== this.bucket) throw this.#elsewhere(path, `is in another bucket than ${this.root}`);
    const key = withoutRoot(normalizePath(`/${rest}`));
    if (!`${key}/`.startsWith(this.startOf(this.#prefix))) throw this.#elsewhere(path, `is not below ${this.root}`);
    return key;
  }

  /** Returns what the keys of a directory's files start with. */
  startOf(directoryKey: string): string {
    return directoryKey === "" ? "" : `${directoryKey}/`;
  }

  /** True for the directory that all files are in. */
  isRoot(key: string): boolean {
    return key === this.#prefix;
  }

  /** URL of the directory that all files are in. */
  get root(): string {
    return this.urlOf(this.#prefix);
  }

  /** Returns the URL of a key, which is a path of this storage too. */
  urlOf(key: string): string {
    return key === "" ? `s3://${this.bucket}` : `s3://${this.bucket}/${key}`;
  }

  #elsewhere(path: string, why: string): UnimplementedError {
    return new UnimplementedError(`${path} ${why}: this S3Storage has only ${this.root}. Pass a \`storage\` for it`, {
      path,
    });
  }
}

function withoutRoot(normalized: string): string {
  return normalized === "." ? "" : normalized.replace(/^\//, "");
}

function isAbove(key: string): boolean {
  return key === ".." || key.startsWith("../");
}
