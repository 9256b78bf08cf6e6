import { type ChannelCredentials, type ChannelOptions, Client, type ClientUnaryCall, credentials } from "@grpc/grpc-js";
import { ResourceExhaustedError, throwIfAborted, ValueError } from "@tfsaver/core";
import type { MessageCodec } from "@tfsaver/proto/master";
import { cancelledBy } from "./cancellation.js";
import { errorOfStatus } from "./server-error.js";
import { addressOf } from "./target.js";

/** How a server is reached. */
export interface ConnectionOptions {
  /** `credentials.createSsl(…)` of `@grpc/grpc-js` for a server behind TLS. Default: none, as TensorFlow's servers need. */
  readonly credentials?: ChannelCredentials | undefined;
  /**
   * Options of the gRPC channel, such as keep-alive, or `"grpc.enable_http_proxy": 0` to pass by the proxy that the
   * environment names. Messages may have 2 GiB, unless `grpc.max_send_message_length` or
   * `grpc.max_receive_message_length` says otherwise.
   */
  readonly channelOptions?: ChannelOptions | undefined;
  /** Milliseconds after which a request is given up with a `DeadlineExceededError`. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** A kind of request to `tensorflow.MasterService`. */
export interface Method<Request, Response> {
  readonly name: string;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

/** How one request is made. */
export interface CallOptions {
  /** What the request carries, for the message of an error. Default: the request. */
  readonly what?: string;
  /** Gives up the request when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Goes before that of the connection. */
  readonly timeoutMs?: number | undefined;
}

/** Protobuf's own limit, which TensorFlow's servers keep. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/** Requests to one server. */
export class MasterClient {
  readonly #client: Client;
  readonly #timeoutMs: number | undefined;
  readonly #maxBytes: number;
  /** Requests that are under way. */
  readonly #calls = new Set<ClientUnaryCall>();

  /** @throws `ValueError` for a target or a timeout that can't be one. */
  constructor(
    readonly target: string,
    options: ConnectionOptions,
  ) {
    const { timeoutMs } = options;
    if (timeoutMs !== undefined && !(timeoutMs > 0)) {
      throw new ValueError(`timeoutMs must be positive, not ${timeoutMs}`);
    }
    this.#timeoutMs = timeoutMs;
    const channelOptions = {
      "grpc.max_send_message_length": -1,
      "grpc.max_receive_message_length": -1,
      ...options.channelOptions,
    };
    const limit = channelOptions["grpc.max_send_message_length"];
    this.#maxBytes = limit < 0 ? MAX_MESSAGE_BYTES : Math.min(limit, MAX_MESSAGE_BYTES);
    this.#client = new Client(addressOf(target), options.credentials ?? credentials.createInsecure(), channelOptions);
  }

  /**
   * Fails if a message would be too large, before memory is taken for it.
   *
   * @throws `ResourceExhaustedError`
   */
  requireRoom(bytes: number, what: string): void {
    if (bytes <= this.#maxBytes) return;
    throw new ResourceExhaustedError(
      `${what} takes ${bytes} bytes, but a message to ${this.target} may have ${this.#maxBytes}`,
    );
  }

  /**
   * Asks the server.
   *
   * @throws the server's error, in TensorFlow's kind; `CancelledError` when the signal is aborted;
   * `ResourceExhaustedError` if the request is too large; `UnavailableError` if nobody answers.
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
          else reject(errorOfStatus(error?.code ?? -1, error?.details ?? "", this.target, { cause: error }));
        },
      );
      const cancel = () => call.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      this.#calls.add(call);
    });
  }

  /** Gives up the connection, and what is under way. */
  close(): void {
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }
}
