import { requireTensor } from "@tfsaver/core";
import type { Kernel, KernelCall, KernelResult } from "../kernel.js";
import { LocalResource } from "../resources/local-resource.js";
import { LocalVariable } from "../resources/local-variable.js";

/** Wraps a kernel from outside, so that the tensors that it returns are checked before a variable or a file takes them. */
export function checkedKernel(kernel: Kernel): Kernel {
  return (call) => {
    const result = kernel(call);
    return isPromise(result) ? result.then((value) => checked(value, call)) : checked(result, call);
  };
}

/** True if a kernel is asynchronous. */
export function isPromise(result: KernelResult | Promise<KernelResult>): result is Promise<KernelResult> {
  return typeof result === "object" && result !== null && "then" in result;
}

function checked(result: KernelResult, { op }: KernelCall): KernelResult {
  const values: readonly unknown[] = Array.isArray(result) ? result : [result];
  for (const [index, value] of values.entries()) {
    if (value === undefined || value instanceof LocalVariable || value instanceof LocalResource) continue;
    requireTensor(value, `Output ${index} of ${op.type}`);
  }
  return result;
}
