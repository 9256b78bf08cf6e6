import { type ErrorContext, ResourceExhaustedError } from "@tfsaver/core";

/**
 * Allocates the memory of a tensor.
 *
 * @throws `ResourceExhaustedError` that names the tensor, its size and the ways out.
 */
export function allocateNamed<T>(name: string, bytes: number, context: ErrorContext, allocate: () => T): T {
  try {
    return allocate();
  } catch (cause) {
    if (!(cause instanceof ResourceExhaustedError)) throw cause;
    throw new ResourceExhaustedError(
      `Tensor ${name} can't be read at once: there is no memory for its ${bytes} bytes. Read it in pieces, with stream(), or ` +
        "read a slice of it.",
      { ...context, tensor: name, cause },
    );
  }
}
