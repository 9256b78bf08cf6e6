import { goldenCheckpoints } from "../../../fixtures/goldens.js";

/** All golden checkpoints but one that lacks a part of its tensor on purpose. */
export const whole = goldenCheckpoints().filter(({ prefix }) => prefix !== "incomplete");
