import { goldenCheckpoints } from "../../../fixtures/goldens.js";

/** The golden checkpoints that can be read so far: V2 without slices, variants and compressed indexes. */
export const inScope = goldenCheckpoints()
  .filter(({ format, prefix }) => format === "V2" && !/^variant$|^snappy/.test(prefix))
  .filter(({ tensors }) => Object.values(tensors).every(({ slices }) => slices === undefined));
