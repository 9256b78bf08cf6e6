/** Trains, and shows each save. Arguments: the URL, and the step in which the process kills itself, if it does. */
import { dim, print } from "@tfsaver-examples/screen";
import { train } from "./train.js";

const [url = "", killedIn] = process.argv.slice(2);

await train(url, {
  onStart: ({ path, step }) => path !== undefined && print(dim(`  goes on after step ${step}, with ${path}`)),
  onStep: (step, loss, saved) => {
    if (saved !== undefined)
      print(`  step ${String(step).padStart(3)}   loss ${loss.toFixed(4)}   ${dim(`saved ${saved}`)}`);
    if (step === Number(killedIn)) process.kill(process.pid, "SIGKILL");
  },
});
