import { InvalidArgumentError, makeTensor, numElements, type Tensor } from "@tfsaver/core";
import { RE2JS, RE2JSException } from "re2js";
import type { Kernel, KernelCall } from "../kernel.js";
import { costOf } from "../run/memory/tensor-size.js";
import { stringsOf } from "./arguments.js";

/** Nanoseconds that compiling takes at most for each character. A repetition can multiply a short pattern by 1000. */
const STEPS_PER_PATTERN_CHARACTER = 300_000;

/** Nanoseconds that matching takes at most for each byte of the text and each instruction of the compiled pattern. */
const STEPS_PER_INSTRUCTION = 32;

/** Compiles a pattern of RE2, TensorFlow's engine, whose time is linear in the length of the text. */
function compile(call: KernelCall): RE2JS {
  const pattern = call.attributes.string("pattern");
  call.reserve({ steps: pattern.length * STEPS_PER_PATTERN_CHARACTER });
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new InvalidArgumentError(`Invalid pattern: ${pattern}, error: ${cause.message}`, { cause });
  }
}

/** Checks if whole strings match a pattern. As in TensorFlow, bytes that are not UTF-8 match nothing. */
function fullMatch(call: KernelCall): Tensor | Promise<Tensor> {
  const regex = call.state(compile);
  const input = call.input(0);
  const strings = stringsOf(call, input);
  call.reserve(costOf("bool", input.shape));
  const matches = new Uint8Array(numElements(input.shape));
  const result = makeTensor("bool", input.shape, matches);
  const length = strings.reduce((sum, string) => sum + string.length + 1, 0);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const match = (start: number, end: number) => {
    for (let i = start; i < end; i++) matches[i] = isMatch(regex, decoder, strings[i] as Uint8Array) ? 1 : 0;
  };
  const steps = (length * regex.programSize() * STEPS_PER_INSTRUCTION) / Math.max(strings.length, 1);
  return call.inPieces(strings.length, steps, match, result);
}

function isMatch(regex: RE2JS, decoder: TextDecoder, bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return false;
  }
  return regex.testExact(text);
}

/** Kernel of the operation that matches strings with a pattern. */
export const patternKernels: Readonly<Record<string, Kernel>> = { StaticRegexFullMatch: fullMatch };
