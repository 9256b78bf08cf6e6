import type { CellsContract } from "./handlers/cells.js";
import type { CompareContract } from "./handlers/compare/compare.js";
import type { TrendContract } from "./handlers/compare/trend.js";
import type { FindContract } from "./handlers/find.js";
import type { GraphContract } from "./handlers/graph/graph.js";
import type { ListContract } from "./handlers/list.js";
import type { NpyContract } from "./handlers/npy.js";
import type { ObjectsContract } from "./handlers/objects.js";
import type { PictureContract } from "./handlers/picture.js";
import type { PlaceContract } from "./handlers/place.js";
import type { RawContract } from "./handlers/raw.js";
import type { StatisticsContract } from "./handlers/statistics.js";
import type { VerifyContract } from "./handlers/verify.js";
import type { VocabularyContract } from "./handlers/vocabulary.js";

/** What the worker does for the page. Each topic is a file in `handlers/`, with its contract and the functions behind it. */
export interface Engine
  extends CellsContract,
    CompareContract,
    FindContract,
    GraphContract,
    ListContract,
    NpyContract,
    ObjectsContract,
    PictureContract,
    PlaceContract,
    RawContract,
    StatisticsContract,
    TrendContract,
    VerifyContract,
    VocabularyContract {}

/** The first message to the worker: a port for calls to it, and one for its calls to the storages of the page. */
export interface Ports {
  readonly engine: MessagePort;
  readonly storages: MessagePort;
}
