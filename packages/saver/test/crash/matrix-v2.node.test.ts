import { v2Kinds } from "./histories.js";
import { crashMatrix } from "./matrix.js";

crashMatrix(v2Kinds);
