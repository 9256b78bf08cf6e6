import {
  AbortedError,
  type CheckpointError,
  NotFoundError,
  PermissionDeniedError,
  ResourceExhaustedError,
  UnavailableError,
  UnimplementedError,
  UnknownError,
} from "@tfsaver/core";

/** Statuses and codes after which the same request may succeed. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429]);
const PASSING_CODES: ReadonlySet<string> = new Set([
  "BadDigest",
  "ConditionalRequestConflict",
  "OperationAborted",
  "RequestTimeout",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "XAmzContentChecksumMismatch",
]);
const FULL_CODES: ReadonlySet<string> = new Set(["EntityTooLarge", "QuotaExceeded", "XMinioStorageFull"]);

/** A request that failed, with the facts that are safe to print: no header, and no credential. */
export class Failure extends Error {
  /** The server's code, such as `NoSuchKey`. */
  readonly code: string;
  /** Status of the answer; undefined if there was none. */
  readonly status: number | undefined;
  /** True if the client of the application has sent the request several times. */
  readonly wasRepeated: boolean;

  constructor(message: string, facts: { code: string; status?: number | undefined; wasRepeated?: boolean }) {
    super(message);
    this.code = facts.code;
    this.status = facts.status;
    this.wasRepeated = facts.wasRepeated ?? false;
  }

  /** True if another attempt may succeed. */
  get isTransient(): boolean {
    const { code, status } = this;
    if (PASSING_CODES.has(code)) return true;
    if (status === undefined) return code !== "CredentialsProviderError";
    return (status >= 500 && status !== 501 && status !== 507) || PASSING_STATUSES.has(status) || status < 300;
  }

  /** True if the server may have carried the request out all the same. */
  get mayBeDone(): boolean {
    return this.wasRepeated || (this.isTransient && this.code !== "SlowDown");
  }

  /** True if what was asked for does not exist; a missing bucket is another matter. */
  get isMissing(): boolean {
    return (this.status === 404 && this.code !== "NoSuchBucket") || this.code === "NoSuchKey";
  }

  /** True if a condition of the request did not hold. */
  get isUnmet(): boolean {
    return this.status === 412;
  }
}

/** Describes what a client threw. `secrets` are left out of the text. */
export function failureOf(error: unknown, secrets: readonly string[]): Failure {
  if (error instanceof Failure) return error;
  const { name, message, code, $metadata } = error as Partial<Error> & {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  };
  const status = $metadata?.httpStatusCode;
  const wasRepeated = ($metadata?.attempts ?? 1) > 1;
  const text = message === undefined || message === "" || message === "UnknownError" ? String(code ?? name) : message;
  const clean = (part: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), part);
  const own = name === "Error" && typeof code === "string" ? code : (name ?? "");
  return new Failure(clean(text), { code: clean(own), status, wasRepeated });
}

/**
 * Translates a failure to this library's error.
 *
 * @param what - the request and its object: `GetObject s3://bucket/key`
 */
export function errorOf(failure: Failure, path: string, what: string): CheckpointError {
  const { code, status, message } = failure;
  const context = { path };
  const answer = status === undefined ? message : `HTTP ${status} ${code}: ${message}`;
  const text = `${path}: ${what} failed: ${answer}`;
  if (code === "NoSuchBucket")
    return new NotFoundError(`${text}. Create the bucket, or check its name and the region of the client`, context);
  if (failure.isMissing) return new NotFoundError(`${path}; No such file or directory (${what}: ${code})`, context);
  if (code === "CredentialsProviderError")
    return new PermissionDeniedError(
      `${text}. Give the S3 client credentials, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
      context,
    );
  if (status === 401 || status === 403)
    return new PermissionDeniedError(
      `${text}. Check the credentials of the S3 client and its permissions for this bucket; without permission to ` +
        "list, a missing file is answered so too",
      context,
    );
  if (failure.isUnmet || status === 409) return new AbortedError(text, context);
  if (status === 507 || FULL_CODES.has(code)) return new ResourceExhaustedError(text, context);
  if (status === 501) return new UnimplementedError(text, context);
  if (failure.isTransient) return new UnavailableError(`${text}. Try again later`, context);
  return new UnknownError(text, context);
}
