import type { FileKind, IdentifiedFile } from "./identified-file.js";
import { identifyMessage } from "./identify-message.js";

/** Number of bytes that {@link identifyBytes} looks at. */
export const HEAD_BYTES = 512;

const NO_CHECKPOINT = "not part of a TensorFlow checkpoint";
const PYTORCH = "a PyTorch checkpoint, not one of TensorFlow: load it with `torch.load`";
const UNPACK = "if the checkpoint is in it, unpack it";
const REFETCH = "not the file itself: fetch it again";

type Sign = readonly [kind: FileKind, fits: (head: string) => boolean, description: string];

/** Tests for one of several texts at an offset. */
const at =
  (offset: number, ...texts: readonly string[]) =>
  (head: string) =>
    texts.some((text) => head.startsWith(text, offset));

/** Tests the name of the first file in a zip archive. */
const zipOf = (name: RegExp) => (head: string) =>
  head.startsWith("PK\x03\x04") && name.test(head.slice(30, 30 + head.charCodeAt(26) + 256 * head.charCodeAt(27)));

/** Signs in the first bytes, as Latin-1. The first that fits counts. */
const BINARY_SIGNS: readonly Sign[] = [
  ["keras", zipOf(/^(config|metadata)\.json$|^model\.weights\.h5$/), `a Keras model (.keras), ${NO_CHECKPOINT}`],
  ["npz", zipOf(/\.npy$/), `a set of NumPy arrays (.npz), ${NO_CHECKPOINT}`],
  ["pytorch", zipOf(/\/(data\.pkl|\.format_version|constants\.pkl)$/), PYTORCH],
  ["zip", at(0, "PK\x03\x04", "PK\x05\x06"), `a zip archive: ${UNPACK}`],
  [
    "compressed",
    at(0, "\x1f\x8b\x08", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd", "7z\xbc\xaf", "Rar!"),
    `compressed: ${UNPACK}`,
  ],
  ["compressed", at(257, "ustar"), `a tar archive: ${UNPACK}`],
  ["hdf5", at(0, "\x89HDF\r\n"), `an HDF5 file, as Keras writes it (.h5), ${NO_CHECKPOINT}`],
  ["npy", at(0, "\x93NUMPY"), `a NumPy array (.npy), ${NO_CHECKPOINT}`],
  [
    "safetensors",
    (head) => at(4, "\0\0\0\0{")(head) && /^\{\s*"/.test(head.slice(8)),
    `a safetensors file, ${NO_CHECKPOINT}`,
  ],
  ["pytorch", at(0, "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"), PYTORCH],
  [
    "pickle",
    (head) => /^\x80[^\0]/.test(head) && head.charCodeAt(1) <= 5 && "\x95}](c\x8aX".includes(head.charAt(2)),
    `a Python pickle, ${NO_CHECKPOINT}`,
  ],
  ["other-model", at(4, "TFL3"), `a TensorFlow Lite model, ${NO_CHECKPOINT}`],
  ["other-model", at(0, "GGUF"), `a GGUF model, ${NO_CHECKPOINT}`],
  [
    "checkpoint-index",
    (head) => at(0, "\0\0")(head) && at(3, "\x08")(head) && at(5, "\x1a", "\x10")(head),
    "the index of a checkpoint",
  ],
  [
    "zeros",
    (head) => /^\0{48,}$/.test(head),
    "filled with zeros: a crash or a full disk kept its content from being written",
  ],
  ["text", at(0, "\xff\xfe"), "text in UTF-16: save it as UTF-8"],
];

const matches = (pattern: RegExp) => (text: string) => pattern.test(text);

/** Signs at the start of a text, after spaces. */
const TEXT_SIGNS: readonly Sign[] = [
  ["git-lfs-pointer", at(0, "version https://git-lfs.github.com/spec/"), "a Git LFS pointer, not the file itself"],
  ["web-page", matches(/^<(!doctype html|html|head|body|script|!--)/i), `a web page, ${REFETCH}`],
  ["web-page", matches(/^<(\?xml|error>)/i), `XML, such as the error message of a server, ${REFETCH}`],
  [
    "safetensors",
    matches(/^\{\s*"(weight_map"|metadata"\s*:\s*\{\s*"total_size")/),
    `the index of safetensors files, ${NO_CHECKPOINT}`,
  ],
  ["tfjs", matches(/^\{.*"(weightsManifest|modelTopology)"/s), `a model of TensorFlow.js, ${NO_CHECKPOINT}`],
  ["json", matches(/^(\{\s*["}]|\[\s*[[{"\]])/), `JSON, such as the error message of a server, ${REFETCH}`],
  ["state-file", matches(/^(#.*\s+)*(all_)?model_checkpoint_path\w*\s*:/), "a state file, which lists checkpoints"],
  ["text", () => true, `text, ${NO_CHECKPOINT}`],
];

/**
 * Tells what a file is, by its first bytes: for files that can't be read as what they should be.
 *
 * @param head - the first 512 bytes of the file, or all if there are fewer
 * @returns `undefined` for bytes without a known sign. The kind may be the expected one, such as `meta-graph`.
 * @example
 * ```ts
 * import { identifyBytes } from "@tfsaver/checkpoint-reader";
 *
 * const head = new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n");
 * console.log(identifyBytes(head)?.kind); // git-lfs-pointer
 * ```
 */
export function identifyBytes(head: Uint8Array): IdentifiedFile | undefined {
  const bytes = head.subarray(0, HEAD_BYTES);
  const latin1 = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const text = textOf(bytes)?.trimStart();
  const sign =
    BINARY_SIGNS.find(([, fits]) => fits(latin1)) ??
    (text === undefined ? undefined : TEXT_SIGNS.find(([, fits]) => fits(text)));
  if (sign === undefined) return identifyMessage(bytes);
  const [kind, , description] = sign;
  return { kind, description: kind === "git-lfs-pointer" ? description + lfsAdvice(latin1) : description };
}

function lfsAdvice(pointer: string): string {
  const size = /^size (\d+)$/m.exec(pointer)?.[1];
  return `${size === undefined ? "" : `, which has ${size} bytes`}: fetch it with \`git lfs pull\``;
}

/** Decodes UTF-8 without control characters; the last character may be incomplete. Undefined for anything else. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return bytes.length === 0 || /(?![\t\n\f\r])\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
