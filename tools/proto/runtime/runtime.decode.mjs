// What the decoding halves of the wire codecs import: protobufjs' reader, apart from the one that stands on Node's Buffer.
import Reader from "protobufjs/src/reader.js";
import * as util from "./codec-util.mjs";

Reader._configure({ _configure() {} });

export default { Reader, util, roots: {} };
