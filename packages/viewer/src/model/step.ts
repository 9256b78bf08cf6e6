/** Returns the step that a prefix ends with, `model.ckpt-7`; undefined if it ends otherwise. */
export function stepOf(prefix: string): number | undefined {
  const digits = /-(\d{1,15})(?:-\?+-of-\d+)?$/.exec(prefix)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
