/** Trains, and shows each save. Arguments: the folder, and the step in which the process kills itself, if it does. */
import { basename } from "node:path";
import { bar, dim, print } from "@tfsaver-examples/screen";
import { train } from "./train.js";

const [folder = "", killedIn] = process.argv.slice(2);
let losses: number[] = [];

await train(folder, {
  onStart: ({ path, step }) => path !== undefined && print(dim(`  goes on after step ${step}, with ${basename(path)}`)),
  onStep: ({ step, loss, saved }) => {
    losses.push(loss);
    if (saved !== undefined) {
      const mean = losses.reduce((a, b) => a + b) / losses.length;
      const note = dim(`saved ${basename(saved)}`);
      print(`  step ${String(step).padStart(3)}   loss ${mean.toFixed(4)}   ${bar(mean, 28)}  ${note}`);
      losses = [];
    }
    if (step === Number(killedIn)) process.kill(process.pid, "SIGKILL");
  },
});
