import { v2ShardedKinds } from "./histories.js";
import { crashMatrix } from "./matrix.js";

crashMatrix(v2ShardedKinds);
