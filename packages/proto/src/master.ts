/**
 * Encodes and decodes the requests and responses of a TensorFlow server (`tensorflow.MasterService`).
 *
 * @packageDocumentation
 */

export type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
export { ConfigProto } from "./generated/config.js";
export { DeviceAttributes } from "./generated/device-attributes.js";
export { error_Code } from "./generated/error-codes.js";
export {
  CloseSessionRequest,
  CloseSessionResponse,
  CreateSessionRequest,
  CreateSessionResponse,
  ExtendSessionRequest,
  ExtendSessionResponse,
  ListDevicesRequest,
  ListDevicesResponse,
  ResetRequest,
  ResetResponse,
  RunStepRequest,
  RunStepResponse,
} from "./generated/master.js";
export { NamedTensorProto } from "./generated/named-tensor.js";
