/**
 * Encodes and decodes the requests and responses of a TensorFlow server (`tensorflow.MasterService`).
 *
 * @packageDocumentation
 */

export {
  CloseSessionRequest,
  CloseSessionResponse,
  ConfigProto,
  CreateSessionRequest,
  CreateSessionResponse,
  DeviceAttributes,
  ExtendSessionRequest,
  ExtendSessionResponse,
  error_Code,
  ListDevicesRequest,
  ListDevicesResponse,
  NamedTensorProto,
  ResetRequest,
  ResetResponse,
  RunStepRequest,
  RunStepResponse,
} from "./generated/master.js";
export type { MessageCodec } from "./wire/codec.js";
