import { type Tensor, UnimplementedError } from "@tfsaver/core";
export function arithmetic(op: "Add" | "Sub", _a: Tensor, _b: Tensor): Tensor {
  throw new UnimplementedError(op);
}
