export { type Calls, connect } from "./connect.js";
export { type Handlers, serve, transferring } from "./serve.js";
