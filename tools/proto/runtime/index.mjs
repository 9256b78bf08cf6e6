// What the generated wire codecs import: protobufjs' reader and writer, apart from those that stand on Node's Buffer.
import Reader from "protobufjs/src/reader.js";
import Writer from "protobufjs/src/writer.js";
import * as util from "./util.mjs";

const noBuffer = { _configure() {} };
Reader._configure(noBuffer);
Writer._configure(noBuffer);

export default { Reader, Writer, util, roots: {} };
