import { connect, serve } from "../rpc/index.js";
import type { StorageContract } from "../storage/storage-contract.js";
import type { Engine, Ports } from "./contract.js";
import { cellsHandlers } from "./handlers/cells.js";
import { compareHandlers } from "./handlers/compare/compare.js";
import { trendHandlers } from "./handlers/compare/trend.js";
import { findHandlers } from "./handlers/find.js";
import { graphHandlers } from "./handlers/graph/graph.js";
import { listHandlers } from "./handlers/list.js";
import { npyHandlers } from "./handlers/npy.js";
import { objectsHandlers } from "./handlers/objects.js";
import { pictureHandlers } from "./handlers/picture.js";
import { placeHandlers } from "./handlers/place.js";
import { rawHandlers } from "./handlers/raw.js";
import { statisticsHandlers } from "./handlers/statistics.js";
import { verifyHandlers } from "./handlers/verify.js";
import { vocabularyHandlers } from "./handlers/vocabulary.js";
import { OpenFiles } from "./open-files.js";
import { TensorParts } from "./tensor-parts.js";

addEventListener(
  "message",
  ({ data }: MessageEvent<Ports>) => {
    const files = new OpenFiles(connect<StorageContract>(data.storages));
    const parts = new TensorParts(files);
    serve<Engine>(data.engine, {
      ...cellsHandlers(parts),
      ...compareHandlers(files),
      ...findHandlers(files),
      ...graphHandlers(files),
      ...listHandlers(files),
      ...npyHandlers(files),
      ...objectsHandlers(files),
      ...pictureHandlers(files, parts),
      ...placeHandlers(files),
      ...rawHandlers(files),
      ...statisticsHandlers(files, parts),
      ...trendHandlers(files),
      ...verifyHandlers(files),
      ...vocabularyHandlers(parts),
    });
  },
  { once: true },
);
