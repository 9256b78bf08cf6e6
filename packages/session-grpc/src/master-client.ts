import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { type CheckpointError, ResourceExhaustedError, throwIfAborted, ValueError } from "@tfsaver/core";
import type { MessageCodec } from "@tfsaver/proto/master";
import { cancelledBy } from "./cancellation.js";
import { errorOfStatus } from "./server-error.js";

/** Options of the connection to a server. */
export interface ConnectionOptions {
  /** `credentials.createSsl(…)` of `@grpc/grpc-js`, for a server behind TLS. Default: none, like TensorFlow's servers. */
  readonly credentials?: ChannelCredentials | undefined;
  /**
   * Options of the gRPC channel, such as keep-alive, or `"grpc.enable_http_proxy": 0` to ignore the proxy of the
   * environment. `grpc.max_send_message_length` limits requests (default and maximum: 2 GiB), and
   * `grpc.max_receive_message_length` answers (default: 256 MiB, maximum: 2 GiB). Both are in bytes; that of a compressed
   * answer counts after decompression.
   */
  readonly channelOptions?: ChannelOptions | undefined;
  /** Time limit of a request in milliseconds; then it fails with a `DeadlineExceededError`. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** A kind of request to `tensorflow.MasterService`. */
export interface Method<Request, Response> {
  readonly name: string;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

/** Options of one request. */
export interface CallOptions {
  /** Describes the content of the request in an error. Default: the name of the request. */
  readonly what?: string;
  /** Cancels the request. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the time limit of the connection. */
  readonly timeoutMs?: number | undefined;
}

/** The largest message that protobuf, and so TensorFlow's servers, allow. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/** Default limit of an answer. A server can compress as much into 300 kB. */
const DEFAULT_ANSWER_BYTES = 256 << 20;

/** Matches what `@grpc/grpc-js` says of an answer beyond the limit, as it came or decompressed. */
const TOO_LARGE = /^Received message (larger than max|that decompresses to a size larger than)/;

/** Sends requests to one server. */
export class MasterClient {
  readonly #client: Client;
  readonly #timeoutMs: number | undefined;
  readonly #maxBytes: number;
  readonly #maxAnswerBytes: number;
  /** Requests in progress. */
  readonly #calls = new Set<ClientUnaryCall>();

  /** @throws `ValueError` if the target or the timeout is invalid. */
  constructor(
    readonly target: string,
    options: ConnectionOptions,
  ) {
    const { timeoutMs } = options;
    if (timeoutMs !== undefined && !(timeoutMs > 0)) {
      throw new ValueError(`timeoutMs must be positive, not ${timeoutMs}`);
    }
    this.#timeoutMs = timeoutMs;
    const { channelOptions = {} } = options;
    this.#maxBytes = limitOf(channelOptions["grpc.max_send_message_length"] ?? MAX_MESSAGE_BYTES);
    // Without a limit (-1), gRPC would decompress an answer of any size.
    this.#maxAnswerBytes = limitOf(channelOptions["grpc.max_receive_message_length"] ?? DEFAULT_ANSWER_BYTES);
    this.#client = new Client(addressOf(target), options.credentials ?? credentials.createInsecure(), {
      ...channelOptions,
      "grpc.max_send_message_length": this.#maxBytes,
      "grpc.max_receive_message_length": this.#maxAnswerBytes,
    });
  }

  /**
   * Checks the size of a message before it is allocated.
   *
   * @throws `ResourceExhaustedError` if it is too large.
   */
  requireRoom(bytes: number, what: string): void {
    if (bytes <= this.#maxBytes) return;
    throw new ResourceExhaustedError(
      `${what} would take ${bytes} bytes; the limit of a message to ${this.target} is ${this.#maxBytes} bytes`,
    );
  }

  /**
   * Sends a request, and returns the server's answer.
   *
   * @throws the server's error, in TensorFlow's kind; `CancelledError` when the signal is aborted;
   * `ResourceExhaustedError` if the request or the answer is too large; `UnavailableError` if the server can't be reached.
   */
  async call<Request, Response>(
    method: Method<Request, Response>,
    fields: Partial<Request>,
    options: CallOptions = {},
  ): Promise<Response> {
    throwIfAborted(options.signal);
    const bytes = method.request.encode(method.request.create(fields));
    this.requireRoom(bytes.length, options.what ?? `The request ${method.name}`);
    return method.response.decode(await this.#send(method.name, bytes, options));
  }

  #send(method: string, bytes: Uint8Array, { signal, timeoutMs = this.#timeoutMs }: CallOptions): Promise<Uint8Array> {
    const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(
        `/tensorflow.MasterService/${method}`,
        ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength),
        (response) => response,
        bytes,
        options,
        (error, response) => {
          signal?.removeEventListener("abort", cancel);
          this.#calls.delete(call);
          if (response !== undefined) resolve(response);
          else if (signal?.aborted) reject(cancelledBy(signal));
          else reject(this.#errorOf(method, error));
        },
      );
      const cancel = () => call.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      this.#calls.add(call);
    });
  }

  #errorOf(method: string, error: ServiceError | null): CheckpointError {
    const { code = -1, details = "" } = error ?? {};
    if (code !== status.RESOURCE_EXHAUSTED || !TOO_LARGE.test(details)) {
      return errorOfStatus(code, details, this.target, { cause: error });
    }
    return new ResourceExhaustedError(
      `The answer of ${this.target} to ${method} is larger than ${this.#maxAnswerBytes} bytes. To receive it, raise ` +
        'channelOptions["grpc.max_receive_message_length"]',
      { cause: error },
    );
  }

  /** Closes the connection, and cancels the requests in progress. */
  close(): void {
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }
}

/**
 * Returns the address `host:port` of a target `grpc://host:port`.
 *
 * @throws `ValueError` if the target has another form.
 */
function addressOf(target: string): string {
  const address = /^grpc:\/\/([^/\s]+:\d+)\/?$/.exec(target)?.[1];
  if (address !== undefined) return address;
  throw new ValueError(`target must have the form "grpc://host:port", not "${target}"`);
}

/** Returns a limit in bytes; a negative one stands for the largest. */
function limitOf(bytes: number): number {
  return bytes < 0 ? MAX_MESSAGE_BYTES : Math.min(bytes, MAX_MESSAGE_BYTES);
}
