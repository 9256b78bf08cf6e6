/** True for the formats of TensorFlow's checkpoints, which can be diagnosed and verified; false for files of other formats. */
export function isCheckpoint({ format }: { readonly format: string }): boolean {
  return format === "V1" || format === "V2";
}
