/** The ending of an array's name in the archive. NumPy leaves it out when it lists the arrays. */
export const ENDING = ".npy";

/** The file of an archive with the text that travels with the arrays. */
export const METADATA_FILE = "__metadata__.json";
