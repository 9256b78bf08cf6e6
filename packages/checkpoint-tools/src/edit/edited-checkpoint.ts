import { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import { type CheckpointReader, OBJECT_GRAPH_KEY, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { pathOfKey } from "@tfsaver/checkpoint-reader/object-path";
import { makeTensor, NotFoundError, ValueError } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import { type EditedTensor, storedTensor } from "./edited-tensor.js";
import { matchNames, type Named, unknownName } from "./names/match-names.js";
import { mapRule, type NameRule } from "./names/name-rule.js";
import { averagesOfNames, isAverageName, isOptimizerName } from "./names/optimizer-names.js";
import {
  addVariable,
  averagesOfObjects,
  dropOptimizers,
  dropValues,
  keysOf,
  mergeObjects,
} from "./objects/change-objects.js";
import { allObjects, graphOf, linkObjects, type ObjectNode } from "./objects/object-tree.js";
import { becomeOne, type ChangedObjects, renameObjects } from "./objects/rename-objects.js";
import { passedTensor } from "./passed-tensor.js";

/** The tensors of a checkpoint that is being edited, and for an object-based one its objects. Nothing is read but names. */
export class EditedCheckpoint {
  private constructor(
    /** The checkpoint that was opened, for messages. */
    readonly source: string,
    private current: readonly EditedTensor[],
    private objects: ObjectNode | undefined,
  ) {}

  static async of(reader: CheckpointReader, options: CallOptions): Promise<EditedCheckpoint> {
    const graph = await readObjectGraph(reader, options);
    const tensors: EditedTensor[] = [];
    for await (const info of reader.tensors(options)) {
      if (graph !== undefined && info.name === OBJECT_GRAPH_KEY) continue;
      tensors.push(storedTensor(reader, info));
    }
    return new EditedCheckpoint(reader.prefix, tensors, graph && linkObjects(graph, reader.prefix));
  }

  get tensors(): readonly EditedTensor[] {
    return this.current;
  }

  /** The tensor that stores the object graph; `undefined` for a name-based checkpoint. */
  get objectGraph(): EditedTensor | undefined {
    if (this.objects === undefined) return undefined;
    const bytes = TrackableObjectGraph.encode(graphOf(this.objects));
    return passedTensor(OBJECT_GRAPH_KEY, makeTensor("string", [], [bytes]));
  }

  /** Returns the names of the tensors that patterns match. Throws as `matchNames`. */
  match(patterns: readonly string[]): Set<string> {
    return matchNames(patterns, this.#named(), this.source);
  }

  /** Renames tensors. */
  rename(rule: NameRule, what: string): void {
    const before = this.current;
    if (this.objects === undefined) this.#rename((name) => rule.leaf(name));
    else {
      const keyOf = this.#keyOf();
      this.#follow(renameObjects(this.objects, rule), keyOf, rule);
    }
    const isSame =
      before.length === this.current.length && before.every(({ name }, i) => name === this.current[i]?.name);
    if (isSame) throw new NotFoundError(`${what} changes no name of ${this.source}`, { path: this.source });
  }

  /** Renames tensors by a table. Throws `NotFoundError` if there is no tensor or object of a name. */
  renameByTable(table: ReadonlyMap<string, readonly string[]>): void {
    const named = this.#named();
    const aliases = named.flatMap(({ name, aliases }) => aliases.map((alias) => [alias, name] as const));
    const known = new Map([...aliases, ...named.map(({ name }) => [name, name] as const)]);
    const paths = new Map<string, readonly string[]>();
    for (const [name, targets] of table) {
      const at = known.get(name) ?? (name.endsWith(":0") ? known.get(name.slice(0, -2)) : undefined);
      if (this.objects === undefined) {
        if (at === undefined) throw unknownName(name, named, this.source);
        paths.set(at, targets);
      } else {
        const isKnown = at !== undefined || named.some((tensor) => tensor.name.startsWith(`${name}/`));
        if (!isKnown) throw unknownName(name, named, this.source);
        paths.set(at === undefined ? name : pathOfKey(at), targets.map(pathOfKey));
      }
    }
    const rule = this.objects === undefined ? exactly(paths) : mapRule(paths);
    this.rename(rule, "The map");
  }

  /** Removes tensors by their names. */
  remove(names: ReadonlySet<string>): void {
    const left = this.current.filter(({ name }) => !names.has(name));
    if (this.objects !== undefined) {
      const keyOf = this.#keyOf();
      const kept = new Set(left.map(({ name }) => keyOf(name)));
      this.current = left;
      this.#follow(
        dropValues(this.objects, (key) => !kept.has(key)),
        keyOf,
      );
    } else this.current = left;
    if (this.current.length === 0) throw new ValueError(`Nothing of ${this.source} would be left`);
  }

  /** Removes what optimizers keep. Throws `NotFoundError` if there is nothing. */
  dropOptimizer(): void {
    if (this.objects !== undefined) {
      const keyOf = this.#keyOf();
      const changed = dropOptimizers(this.objects);
      if (changed === undefined) throw this.#lacks("variables of an optimizer that is known; drop them by their names");
      this.#follow(changed, keyOf);
      return;
    }
    const all = new Set(this.current.map(({ name }) => name));
    const names = new Set([...all].filter((name) => isOptimizerName(name, all)));
    if (names.size === 0) throw this.#lacks("variables of an optimizer that is known; drop them by their names");
    this.remove(names);
  }

  /** Puts averages in the place of their variables. Throws `NotFoundError` if there are none. */
  useAverages(): void {
    const names = this.current.map(({ name }) => name);
    const averages = this.objects === undefined ? averagesOfNames(names) : averagesOfObjects(this.objects);
    if (averages.size === 0) throw this.#lacks("moving averages of its variables");
    if (names.some((name) => averages.has(name))) {
      const byName = new Map(this.current.map((tensor) => [tensor.name, tensor]));
      this.current = this.current.map((tensor) => {
        const average = byName.get(averages.get(tensor.name) ?? "");
        return average === undefined ? tensor : { ...average, name: tensor.name };
      });
    } else {
      const variables = new Map([...averages].map(([variable, average]) => [average, variable]));
      this.#rename((name) => [variables.get(name) ?? name]);
    }
    this.remove(new Set(this.objects === undefined ? names.filter(isAverageName) : averages.values()));
  }

  /** Replaces tensors by others with the same names. */
  replace(names: ReadonlySet<string>, change: (tensor: EditedTensor) => EditedTensor): void {
    this.current = this.current.map((tensor) => (names.has(tensor.name) ? change(tensor) : tensor));
  }

  /** Finds a tensor by one of its names. */
  find(wanted: string): EditedTensor | undefined {
    const found = this.#named().find(({ name, aliases }) => name === wanted || aliases.includes(wanted));
    return this.current.find(({ name }) => name === found?.name);
  }

  /** Adds a tensor, or replaces the one of this name. */
  put(tensor: EditedTensor): void {
    const known = this.find(tensor.name);
    if (known !== undefined) this.replace(new Set([known.name]), () => ({ ...tensor, name: known.name }));
    else {
      if (tensor.name === "") throw new ValueError("A tensor that is set needs a name");
      const name = this.objects === undefined ? tensor.name : addVariable(this.objects, pathOfKey(tensor.name));
      this.current = [...this.current, { ...tensor, name }];
    }
  }

  /** Adds the tensors of another checkpoint, which is used up. */
  merge(other: EditedCheckpoint): void {
    if ((this.objects === undefined) !== (other.objects === undefined)) {
      const [named, based] = this.objects === undefined ? [this, other] : [other, this];
      throw new ValueError(`${based.source} is object-based and ${named.source} is name-based: they can't be merged`);
    }
    const names = new Set(this.current.map(({ name }) => name));
    const counter = "save_counter/.ATTRIBUTES/VARIABLE_VALUE";
    if (other.objects !== undefined && names.has(counter) && other.current.length > 1) other.remove(new Set([counter]));
    const both = other.current.filter(({ name }) => names.has(name)).map(({ name }) => name);
    if (both.length > 0) {
      const more = both.length > 1 ? ` and ${both.length - 1} more are` : " is";
      throw new ValueError(`${both[0]}${more} in both ${this.source} and ${other.source}: rename or drop one first`);
    }
    if (this.objects !== undefined && other.objects !== undefined) mergeObjects(this.objects, other.objects);
    this.current = [...this.current, ...other.current];
  }

  /** Lets the tensors follow their keys. */
  #follow({ root, keys }: ChangedObjects, keyOf: (name: string) => string | undefined, rule?: NameRule): void {
    this.objects = root;
    this.#rename((name) => {
      const key = keyOf(name);
      if (key === undefined) return rule?.leaf(name) ?? [name];
      return (keys.get(key) ?? []).map((renamed) => renamed + name.slice(key.length));
    });
  }

  #rename(newNames: (name: string) => readonly string[]): void {
    const origins = new Map<string, string>();
    this.current = this.current.flatMap((tensor) =>
      newNames(tensor.name).map((name) => {
        const other = origins.get(name);
        if (other !== undefined) throw becomeOne(other, tensor.name, name);
        if (name === "") throw new ValueError(`${tensor.name} would have no name`);
        origins.set(name, tensor.name);
        return { ...tensor, name };
      }),
    );
  }

  /** Returns the key in the object graph of the name of a tensor; `undefined` for a tensor without an object. */
  #keyOf(): (name: string) => string | undefined {
    const keys = new Set(this.objects === undefined ? [] : keysOf(this.objects));
    return (name) => [name, name.replace(/-(?:keys|values)$/, "")].find((key) => keys.has(key));
  }

  #named(): Named[] {
    if (this.objects === undefined) return this.current.map(({ name }) => ({ name, aliases: [] }));
    const attributes = allObjects(this.objects).flatMap((node) => node.attributes);
    const fullNames = new Map(attributes.map(({ key, fullName }) => [key, fullName]));
    return this.current.map(({ name }) => {
      const fullName = fullNames.get(name);
      return { name, aliases: [pathOfKey(name), ...(fullName ? [fullName] : [])] };
    });
  }

  #lacks(what: string): NotFoundError {
    return new NotFoundError(`${this.source} has no ${what}`, { path: this.source });
  }
}

function exactly(table: ReadonlyMap<string, readonly string[]>): NameRule {
  const leaf = (name: string) => table.get(name) ?? [name];
  return { leaf, container: leaf };
}
