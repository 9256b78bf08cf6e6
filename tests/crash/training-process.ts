import { train } from "../../examples/training/src/train.js";

/*
 * The training of the example, which tests kill. Prints the step that it goes on from, then each step with its loss in full.
 * Argument: the folder.
 */

const say = (text: string) => process.stdout.write(`${text}\n`);

await train(process.argv[2] ?? "", {
  onStart: ({ step }) => say(`start ${step}`),
  onStep: ({ step, loss, saved }) => say(`${saved === undefined ? "step" : "saved"} ${step} ${loss}`),
});
