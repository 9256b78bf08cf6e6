import { v1Kinds } from "./histories.js";
import { crashMatrix } from "./matrix.js";

crashMatrix(v1Kinds);
