import type { CommitOptions, OperationOptions, Shape, Tensor } from "@tfsaver/core";
import type { Attributes, Operation } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import type { LocalResource, ResourceKey } from "./resources/local-resource.js";
import type { LocalVariable, VariableKey } from "./resources/local-variable.js";

/** What flows along an edge of a running graph. */
export type KernelValue = Tensor | LocalVariable | LocalResource;

/** A class of resources, however one is made. */
// biome-ignore lint/suspicious/noExplicitAny: any constructor will do
export type ResourceClass<R extends LocalResource> = abstract new (...args: any[]) => R;

/** What a kernel gives back: nothing, its only output, or all outputs in order. */
// biome-ignore lint/suspicious/noConfusingVoidType: a kernel without outputs need not return anything
export type KernelResult = void | KernelValue | readonly KernelValue[];

/**
 * Computes the outputs of operations of one type. May be asynchronous; a kernel that is not is never waited for.
 *
 * Tensors are values: a kernel must not write to its inputs, nor keep or change what it returned, because a variable
 * may adopt that memory without copying it. It may return an input, or a tensor that shares memory with one.
 */
export type Kernel = (call: KernelCall) => KernelResult | Promise<KernelResult>;

/** What must be closed after use. */
export interface Closable {
  close(): Promise<void>;
}

/** One call of a {@link Kernel}: the operation that is run, its inputs, and what the session offers. */
export interface KernelCall extends OperationOptions, CommitOptions {
  readonly op: Operation;
  /** The operation's attributes, read with a type. */
  readonly attributes: Attributes;
  /**
   * All data inputs as tensors; references are read.
   *
   * @throws as {@link KernelCall.input}.
   */
  readonly inputs: readonly Tensor[];
  /**
   * A data input as a tensor, counted from 0; a reference is read.
   *
   * @throws `FailedPreconditionError` if the input refers to an uninitialized variable, `InvalidArgumentError` if there
   * is no such input or it is a resource handle.
   */
  input(index: number): Tensor;
  /**
   * A data input that is a reference to a variable or a handle of one.
   *
   * @throws `InvalidArgumentError` if it is neither.
   */
  variable(index: number): LocalVariable;
  /** The session's variable of this key, made without a value if there is none yet. */
  variableOf(key: VariableKey, declaredShape?: Shape): LocalVariable;
  /**
   * A data input that is a handle of a resource of the class `kind`.
   *
   * @throws `InvalidArgumentError` if it is not.
   */
  resource<R extends LocalResource>(index: number, kind: ResourceClass<R>): R;
  /** The session's resource of this class and key, made by `create` if there is none yet. */
  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, key: ResourceKey, create: () => R): R;
  /**
   * Gives a variable a new value. The variable adopts the tensor's memory; only what the caller of
   * {@link LocalSession.run} fed is copied.
   */
  assign(variable: LocalVariable, value: Tensor): void;
  /** Says that the kernel itself holds on to a tensor between calls, so that whoever fetches it gets a copy. */
  keep(value: Tensor): void;
  /**
   * To be called before memory is taken whose size the graph decides, rather than what it is given.
   *
   * @throws `ResourceExhaustedError` if the run is confined and this is too much.
   */
  reserve(bytes: number): void;
  /**
   * To be called before a file is written or removed.
   *
   * @throws `PermissionDeniedError` if the run is confined, and not to this file.
   */
  requireWritable(path: string): void;
  /** Says that values come from a file, so that a confined run may compute as much more. */
  readFromFile(values: readonly Tensor[]): void;
  /** Something that lives as long as the session, one for this operation: made by `create` of the first call. */
  state<T extends object>(create: (call: KernelCall) => T): T;
  /** Something that lives as long as this run, made by `create` the first time that its key is asked for, then closed. */
  shared<T extends Closable>(key: string, create: () => Promise<T>): Promise<T>;
  /** 64 random bits; from the session's seed and the operation's name, if the session has a seed. */
  randomBits(): bigint;
  /** Where checkpoints are. Asking for it is an error where there is no default storage and none was given. */
  readonly storage: Storage;
  /** Tells the owner of the session something that is no error. */
  warn(message: string): void;
}
