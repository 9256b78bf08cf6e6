import { explanationPage, isCheckpointError } from "@tfsaver/core";
import type { FileProblem } from "@tfsaver/core/slices";
import { isSlicesFile } from "@tfsaver/saved-tensor-slices";
import { TABLE_MAGIC } from "@tfsaver/sstable";
import type { Storage } from "@tfsaver/storage";
import { openCheckpoint } from "../open-checkpoint.js";
import { identifyFile } from "./identify-file.js";
import { CHANGED, COPY_AGAIN, type DiagnoseContext, type Diagnosis, FAULTS, INCOMPLETE, problem } from "./problem.js";

/** Bytes of a table's mark at its end that must be right, so that the others count as changed, not as missing. */
const ENOUGH_OF_THE_MARK = 5;
/** Size of a table's footer in bytes, which ends with the mark and has zeros before it. */
const END_BYTES = 48;

/** Diagnoses a file that must be a table: an index or a V1 file. */
export async function diagnoseTable(
  path: string,
  prefix: string,
  size: number,
  context: DiagnoseContext,
): Promise<FileProblem | undefined> {
  if (size === 0) return problem(path, "truncated", `is empty. ${INCOMPLETE}`, { size });
  const error = await errorOfOpening(prefix, context);
  if (error === undefined) {
    // A V1 file opens as an index without tensors, so no error would tell.
    if (path === prefix || !(await isSlicesFile(path, context.storage))) return undefined;
    const what = `is a V1 checkpoint with the name of a V2 index: rename it to ${prefix}`;
    return problem(path, "v1-named-v2", what, { size });
  }
  // The file needs another version of the format.
  if (error.kind === "InvalidArgumentError") {
    return { path, size, message: error.message, more: explanationPage("version" satisfies Diagnosis) };
  }
  const identified = await identifyFile(path, context.storage);
  if (identified !== undefined && identified.kind !== "checkpoint-index") {
    return problem(path, identified.kind, `is ${identified.description}`, { size });
  }
  const [diagnosis, what] = describeDamage(await endsOf(path, context.storage), size);
  return problem(path, diagnosis, what, { size });
}

function describeDamage({ start, end }: { start: Uint8Array; end: Uint8Array }, size: number): [Diagnosis, string] {
  const mark = end.subarray(-TABLE_MAGIC.length);
  if (TABLE_MAGIC.filter((byte, i) => mark[i] === byte).length >= ENOUGH_OF_THE_MARK) {
    return ["changed", CHANGED];
  }
  if (end.every((byte) => byte === 0)) {
    const what = `ends in zeros: a crash or a full disk kept its end from being written. ${COPY_AGAIN}`;
    return ["truncated", what];
  }
  // The first key of a table shares no bytes with one before it. In a checkpoint, it is empty, too.
  if (start[0] === 0 && start[1] === 0) {
    return ["truncated", `is truncated: it has ${size} bytes, and its end is missing. ${INCOMPLETE}`];
  }
  return ["foreign", "is not part of a checkpoint: it is a file of another kind"];
}

/** Reads the first and the last bytes of a file. */
async function endsOf(path: string, storage: Storage): Promise<{ start: Uint8Array; end: Uint8Array }> {
  const file = await storage.open(path);
  try {
    const length = Math.min(file.size, END_BYTES);
    const [start, end] = [new Uint8Array(length), new Uint8Array(length)];
    await file.readInto(0, [start]);
    await file.readInto(file.size - length, [end]);
    return { start, end };
  } finally {
    await file.close();
  }
}

/** Returns the error that opening a checkpoint gives, if its files are the cause. */
async function errorOfOpening(prefix: string, context: DiagnoseContext) {
  try {
    await (await openCheckpoint(prefix, context)).close();
    return undefined;
  } catch (error) {
    if (!isCheckpointError(error, ...FAULTS)) throw error;
    return error;
  }
}
