import { connect, serve } from "../rpc/index.js";
import type { StorageContract } from "../storage/storage-contract.js";
import type { Engine, Ports } from "./contract.js";
import { compareHandlers } from "./handlers/compare.js";
import { findHandlers } from "./handlers/find.js";
import { graphHandlers } from "./handlers/graph.js";
import { listHandlers } from "./handlers/list.js";
import { objectsHandlers } from "./handlers/objects.js";
import { readHandlers } from "./handlers/read.js";
import { statisticsHandlers } from "./handlers/statistics.js";
import { trendHandlers } from "./handlers/trend.js";
import { verifyHandlers } from "./handlers/verify.js";
import { OpenFiles } from "./open-files.js";

addEventListener(
  "message",
  ({ data }: MessageEvent<Ports>) => {
    const files = new OpenFiles(connect<StorageContract>(data.storages));
    serve<Engine>(data.engine, {
      ...compareHandlers(files),
      ...findHandlers(files),
      ...graphHandlers(files),
      ...listHandlers(files),
      ...objectsHandlers(files),
      ...readHandlers(files),
      ...statisticsHandlers(files),
      ...trendHandlers(files),
      ...verifyHandlers(files),
    });
  },
  { once: true },
);
