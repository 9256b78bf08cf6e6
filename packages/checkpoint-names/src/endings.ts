/**
 * Every ending and fixed part of a checkpoint's file names, for the printers and the parser alike.
 *
 * @packageDocumentation
 */

/** The default name of a state file, the file that lists the checkpoints of a folder. */
export const STATE_FILENAME = "checkpoint";

/** The default ending of a meta graph file, without the dot. */
export const META_GRAPH_SUFFIX = "meta";

export const INDEX = ".index";
export const DATA = ".data";
/** Stands in for `.data`, and is as long, so that the name fits wherever the final one does. */
export const STAGED_DATA = ".temp";
export const RECORDS = ".records.json";
export const LOCK = ".saving";

/** Ends the name of the index of a set of weight files of another format. */
export const WEIGHTS_INDEX = ".index.json";

/** Ends the name of the folder in which the parts of a checkpoint are written before they are put together. */
export const PARTS = "_temp";
/** A part of a checkpoint, in that folder. */
export const PART = "part";
/** The first part of a V1 checkpoint, once all parts are there. */
export const WHOLE = "whole";

/** Begins the ending that TensorFlow's format writers put behind a name; a decimal 64-bit number follows. */
export const TEMPSTATE = ".tempstate";
/** Begins the ending of TensorFlow's `atomic_write_string_to_file`; 32 hexadecimal digits follow. */
export const TMP = ".tmp";

/** Numbers behind `.tempstate` that have a meaning of their own. {@link temporarySuffix} never draws them. */
export const MARKS = { staged: 0n, removing: 1n, breaking: 2n } as const;

/** The lowest number that is drawn at random. */
export const FIRST_RANDOM = 4n;
