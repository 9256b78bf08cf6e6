/** The formats in which `tfckpt cat` prints a value. */
export const FORMATS = ["text", "json", "npy", "raw"] as const;
