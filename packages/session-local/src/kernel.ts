import type { OperationOptions, Shape, Tensor } from "@tfsaver/core";
import type { Attributes, Operation } from "@tfsaver/graph";
import type { CommitOptions, Storage } from "@tfsaver/storage";
import type { LocalResource, ResourceKey } from "./resources/local-resource.js";
import type { LocalVariable, VariableKey } from "./resources/local-variable.js";
import type { Cost } from "./run/cost.js";

/** A value that flows between operations of a running graph. */
export type KernelValue = Tensor | LocalVariable | LocalResource;

/** A class of resources, with any constructor. */
// biome-ignore lint/suspicious/noExplicitAny: any constructor will do
export type ResourceClass<R extends LocalResource> = abstract new (...args: any[]) => R;

/** The result of a kernel: nothing, the only output, or all outputs in order. */
// biome-ignore lint/suspicious/noConfusingVoidType: a kernel without outputs need not return anything
export type KernelResult = void | KernelValue | readonly KernelValue[];

/**
 * Computes the outputs of operations of one type. A kernel may be asynchronous; a synchronous one is never awaited.
 *
 * A kernel must not write to its inputs, and must not keep or change what it returned: a variable may adopt that memory
 * without a copy. It may return an input, or a tensor that shares memory with one.
 */
export type Kernel = (call: KernelCall) => KernelResult | Promise<KernelResult>;

/** Works on the items from `start` to `end`, exclusive. */
export type PieceOfWork = (start: number, end: number) => void;

/** Something that must be closed after use. */
export interface Closable {
  close(): Promise<void>;
}

/** One call of a {@link Kernel}: the operation to run, its inputs, and the services of the session. */
export interface KernelCall extends OperationOptions, CommitOptions {
  readonly op: Operation;
  /** Reads the operation's attributes as a type. */
  readonly attributes: Attributes;
  /**
   * All data inputs as tensors. References are read.
   *
   * @throws as {@link KernelCall.input}.
   */
  readonly inputs: readonly Tensor[];
  /**
   * Returns a data input as a tensor, counted from 0. A reference is read.
   *
   * @throws `FailedPreconditionError` if it refers to an uninitialized variable; `InvalidArgumentError` if there is no
   * such input or it is a resource handle.
   */
  input(index: number): Tensor;
  /**
   * Returns the variable that a data input refers to, by reference or by handle.
   *
   * @throws `InvalidArgumentError` if the input is not a variable.
   */
  variable(index: number): LocalVariable;
  /** Returns the session's variable of a key. Makes it, without a value, if it doesn't exist. */
  variableOf(key: VariableKey, declaredShape?: Shape): LocalVariable;
  /**
   * Returns the resource that a data input is a handle of.
   *
   * @throws `InvalidArgumentError` if the input is not a handle of a resource of class `kind`.
   */
  resource<R extends LocalResource>(index: number, kind: ResourceClass<R>): R;
  /** Returns the session's resource of a class and key. Makes it with `create` if it doesn't exist. */
  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, key: ResourceKey, create: () => R): R;
  /** Sets the value of a variable. The variable adopts the memory of the tensor; only a fed tensor is copied. */
  assign(variable: LocalVariable, value: Tensor): void;
  /**
   * Returns memory for a tensor that the kernel returns, with any content: overwrite all of it. It may have belonged to a
   * variable before.
   */
  allocate(bytes: number): ArrayBuffer;
  /** Declares that the kernel keeps a tensor between calls, so that a fetch of it returns a copy. */
  keep(value: Tensor): void;
  /**
   * Reserves memory and work. Call it before allocating memory, or starting work, whose size the graph decides.
   *
   * @throws `ResourceExhaustedError` if the run exceeds one of its limits.
   */
  reserve(cost: Cost): void;
  /**
   * Does work of a size that the graph decides, in pieces: calls `work` for one range of `0` to `count` after the other.
   * It reserves the steps first. Long work lets other tasks run between its pieces, and stops when the run is cancelled.
   *
   * @param stepsPerItem - nanoseconds that one item takes, roughly
   * @returns `result` if the work is short, otherwise a promise of it
   * @throws `ResourceExhaustedError` as {@link KernelCall.reserve}; `CancelledError` if the run is cancelled.
   */
  inPieces<T>(count: number, stepsPerItem: number, work: PieceOfWork, result: T): T | Promise<T>;
  /**
   * Checks that a file may be written or removed. Call it before doing so.
   *
   * @throws `PermissionDeniedError` if the run is confined and must not change this file.
   */
  requireWritable(path: string): void;
  /** Declares that the run was given data of this size in bytes, such as a part of a file. It raises the limits. */
  given(bytes: number): void;
  /** Returns the state of this operation, which lives as long as the session. The first call makes it with `create`. */
  state<T extends object>(create: (call: KernelCall) => T): T;
  /** Returns an object that all operations of this run share by key, and that is closed after the run. */
  shared<T extends Closable>(key: string, create: () => Promise<T>): Promise<T>;
  /** Draws 64 random bits. With a seed of the session, they depend only on the seed and the operation's name. */
  randomBits(): bigint;
  /** The storage of checkpoints. Throws if the session was given none and there is no default. */
  readonly storage: Storage;
  /** Reports a warning to the owner of the session. */
  warn(message: string): void;
}
