import { sameCheckpointKinds } from "./histories.js";
import { crashMatrix } from "./matrix.js";

crashMatrix(sameCheckpointKinds);
