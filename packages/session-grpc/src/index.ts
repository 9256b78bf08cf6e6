/**
 * Runs TensorFlow graphs where TensorFlow is: on a server or a cluster of them, over gRPC.
 *
 * @packageDocumentation
 */
export { type DeviceInfo, GrpcSession, type GrpcSessionOptions, type ResetOptions } from "./grpc-session.js";
export type { ConnectionOptions } from "./master-client.js";
