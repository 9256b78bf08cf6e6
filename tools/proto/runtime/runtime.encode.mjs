// What the encoding halves of the wire codecs import: protobufjs' writer, apart from the one that stands on Node's Buffer.
import Writer from "protobufjs/src/writer.js";
import * as util from "./codec-util.mjs";

Writer._configure({ _configure() {} });

export default { Writer, util, roots: {} };
