import type { CompareContract } from "./handlers/compare.js";
import type { FindContract } from "./handlers/find.js";
import type { GraphContract } from "./handlers/graph.js";
import type { ListContract } from "./handlers/list.js";
import type { ObjectsContract } from "./handlers/objects.js";
import type { ReadContract } from "./handlers/read.js";
import type { StatisticsContract } from "./handlers/statistics.js";
import type { TrendContract } from "./handlers/trend.js";
import type { VerifyContract } from "./handlers/verify.js";

/** What the worker does for the page. Each topic is a file in `handlers/`, with its contract and the functions behind it. */
export interface Engine
  extends CompareContract,
    FindContract,
    GraphContract,
    ListContract,
    ObjectsContract,
    ReadContract,
    StatisticsContract,
    TrendContract,
    VerifyContract {}

/** The first message to the worker: a port for calls to it, and one for its calls to the storages of the page. */
export interface Ports {
  readonly engine: MessagePort;
  readonly storages: MessagePort;
}
