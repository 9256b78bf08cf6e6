/**
 * Runs the `tfckpt` command when it is imported.
 *
 * @packageDocumentation
 */
import { interruptsOf } from "./interrupts.js";
import { run } from "./run.js";

const signal = interruptsOf(process);
const { stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), { stdout, stderr, signal });
// Reads that are still waiting must not keep the process alive.
if (signal.aborted) process.exit();
