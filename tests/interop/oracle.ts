import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { inject } from "vitest";
import type { ExpectedTensor } from "../../fixtures/goldens.js";

/** Tensors by name, in the form of `expected.json`. */
export type Tensors = Record<string, Omit<ExpectedTensor, "dtype_enum">>;

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly kind: string; readonly message: string };
}

/** Sends requests to the TensorFlow process that `setup.ts` started. Its methods are in tools/oracle/serve.py. */
export class Oracle {
  readonly #waiting: ((answer: Answer) => void)[] = [];
  readonly #socket: Socket;

  constructor() {
    this.#socket = connect(inject("oraclePort"), "127.0.0.1");
    createInterface(this.#socket).on("line", (line) => this.#waiting.shift()?.(JSON.parse(line)));
    this.#socket.on("close", () => {
      for (const answer of this.#waiting.splice(0))
        answer({ error: { kind: "Closed", message: "the oracle closed the connection" } });
    });
  }

  async ask<T>(method: string, params: object): Promise<T> {
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${JSON.stringify({ method, params })}\n`);
    });
    if (error !== undefined) throw new Error(`TensorFlow: ${error.kind}: ${error.message}`);
    return result as T;
  }

  close(): void {
    this.#socket.end();
  }
}
