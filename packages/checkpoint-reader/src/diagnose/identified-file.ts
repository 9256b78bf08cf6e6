/** Kinds of file that are found in place of a checkpoint's, or confused with one. */
export type FileKind =
  | "checkpoint-index"
  | "compressed"
  | "git-lfs-pointer"
  | "graph"
  | "hdf5"
  | "json"
  | "keras"
  | "meta-graph"
  | "npy"
  | "npz"
  | "other-model"
  | "pickle"
  | "pytorch"
  | "safetensors"
  | "saved-model"
  | "state-file"
  | "text"
  | "tfjs"
  | "web-page"
  | "zeros"
  | "zip";

/** A kind of file that is recognized by its first bytes. */
export interface IdentifiedFile {
  readonly kind: FileKind;
  /** Description and advice, to follow "is": `a NumPy array (.npy), not part of a TensorFlow checkpoint`. */
  readonly description: string;
}
