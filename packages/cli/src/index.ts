/**
 * Runs the `tfckpt` command when it is imported.
 *
 * @packageDocumentation
 */
import { run } from "./run.js";

process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });
