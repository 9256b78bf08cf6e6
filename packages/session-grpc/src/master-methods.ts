import {
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
} from "@tfsaver/proto/master";

/** The methods of `tensorflow.MasterService` that a session needs. */
export const methods = {
  createSession: { name: "CreateSession", request: CreateSessionRequest, response: CreateSessionResponse },
  extendSession: { name: "ExtendSession", request: ExtendSessionRequest, response: ExtendSessionResponse },
  runStep: { name: "RunStep", request: RunStepRequest, response: RunStepResponse },
  closeSession: { name: "CloseSession", request: CloseSessionRequest, response: CloseSessionResponse },
  listDevices: { name: "ListDevices", request: ListDevicesRequest, response: ListDevicesResponse },
  reset: { name: "Reset", request: ResetRequest, response: ResetResponse },
};
