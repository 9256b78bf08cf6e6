import type { RootView } from "../objects/root-view.js";
import { attributesOf, type SavedAttribute } from "../objects/saved-attributes.js";
import { walkObjects } from "../objects/walk-objects.js";
import { nameOf } from "../objects/walked-object.js";
import type { MatchedAttribute, Matching } from "./load.js";
import { setUpdateUid, updateUidOf } from "./update-uids.js";

/** A restore of a checkpoint without object graph: variables are found by the names that a name-based saver gives them. */
export class NameBasedLoad implements Matching {
  /** Attributes that the checkpoint has no value for. */
  readonly unusedAttributes = new Map<object, readonly string[]>();
  readonly isOpen = true;

  /** @param names - the names of all tensors of the checkpoint */
  constructor(
    readonly uid: number,
    readonly prefix: string,
    private readonly names: ReadonlySet<string>,
  ) {}

  match(view: RootView): MatchedAttribute[] {
    const found: MatchedAttribute[] = [];
    for (const node of walkObjects(view).nodes) {
      const { object } = node;
      const before = updateUidOf(object);
      if (before >= this.uid) continue;
      setUpdateUid(object, this.uid);
      const missing: string[] = [];
      for (const attribute of attributesOf(object)) {
        const key = attribute.fullName;
        if (this.#has(attribute)) found.push({ object, attribute, key, before, nameOf: () => nameOf(node) });
        else missing.push(key === "" ? attribute.name : key);
      }
      if (missing.length > 0) this.unusedAttributes.set(object, missing);
    }
    return found;
  }

  #has(attribute: SavedAttribute): boolean {
    const { fullName } = attribute;
    if (fullName === "") return false;
    const { specs } = attribute.under(fullName);
    return specs.every(({ name }) => this.names.has(name));
  }
}
