/** Identifies a {@link LocalResource} among those of its class in its session. */
export interface ResourceKey {
  /** Resources in different containers are different, even if they have the same name. `""` is the default container. */
  readonly container: string;
  /** Operations with the same name share the resource. */
  readonly name: string;
}

/**
 * Something other than a variable that lives in a {@link LocalSession}, such as a table. It flows between operations as a
 * handle. Extend it for resources of your own; all operations see what a kernel changes in it.
 */
export abstract class LocalResource implements ResourceKey {
  readonly container: string;
  readonly name: string;

  constructor(key: ResourceKey) {
    this.container = key.container;
    this.name = key.name;
  }

  /** Size of the content in bytes, which raises the limits of a run. Default: 0. */
  get bytes(): number {
    return 0;
  }

  /**
   * Returns this resource with its content of now, for a save that goes on while kernels change it. Override it if they do.
   * Default: the resource itself.
   */
  snapshot(): LocalResource {
    return this;
  }
}
