import "../../../tools/fuzz/allocations.js";
import { goldenSubjects } from "../../../tools/fuzz/kept.js";
import { madeSubjects } from "../../../tools/fuzz/subjects.js";
import { mutantSuite } from "../../../tools/fuzz/suite.js";

const subjects = [...(await madeSubjects()), ...goldenSubjects()];

mutantSuite(
  subjects.filter(({ format }) => format === "V1"),
  20_000,
);
