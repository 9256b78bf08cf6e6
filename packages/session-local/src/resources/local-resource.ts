/** What a {@link LocalResource} is known by among those of its kind in its session. */
export interface ResourceKey {
  /** Resources of one name in different containers are different ones. `""` is the default container. */
  readonly container: string;
  /** Shared by all operations that ask for it. */
  readonly name: string;
}

/**
 * Something other than a variable that lives in a {@link LocalSession} and flows between operations as a handle, such as
 * a table. Derive from it to have one of your own; what a kernel changes in it is seen by all others.
 */
export abstract class LocalResource implements ResourceKey {
  readonly container: string;
  readonly name: string;

  constructor(key: ResourceKey) {
    this.container = key.container;
    this.name = key.name;
  }
}
