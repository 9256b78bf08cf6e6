/**
 * What a TensorFlow server is asked and answers (`tensorflow.MasterService`).
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
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
