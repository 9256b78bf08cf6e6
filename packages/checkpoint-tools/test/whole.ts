import { goldenCheckpoints } from "../../../fixtures/goldens.js";

/** All golden checkpoints except one that lacks a part of a tensor on purpose. */
export const whole = goldenCheckpoints().filter(({ prefix }) => prefix !== "incomplete");
