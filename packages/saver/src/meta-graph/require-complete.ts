import { ValueError } from "@tfsaver/core";
import type { SaverDef } from "@tfsaver/proto/saver";

/** @throws `ValueError` if a message lacks a name that a saver needs. */
export function requireComplete(saverDef: SaverDef): void {
  if (typeof saverDef.saveTensorName !== "string") throw new ValueError("saver_def must be a saver_pb2.SaverDef");
  if (saverDef.saveTensorName === "") throw new ValueError("saver_def must specify the save_tensor_name");
  if (saverDef.restoreOpName === "") throw new ValueError("saver_def must specify the restore_op_name");
}
