import { describe, expect, it } from "vitest";
import { filterTensors, haystackOf } from "../../src/model/tensors/filter.js";
import { labelOf, pathsOf } from "../../src/model/tensors/grouping.js";
import { flatRows, type Row, treeRows } from "../../src/model/tensors/rows.js";
import { type Scope, scopesOf } from "../../src/model/tensors/scopes.js";
import { NO_SLOTS, slotsAmong, slotsOf } from "../../src/model/tensors/slots.js";
import { comparePlaces } from "../../src/model/tensors/sort.js";
import { catalogOf } from "./listing.js";

const catalog = catalogOf({
  "a/b/kernel": ["float32", [4, 4]],
  "a/b/kernel/Adam": ["float32", [4, 4]],
  "a/b/kernel/Adam_1": ["float32", [4, 4]],
  "a-b/bias": ["float64", [2]],
  "a/c": ["int64", []],
  step: ["int64", []],
});
const places = catalog.names.map((_, place) => place);
const nameOf = (place: number) => catalog.names[place] as string;

function scopes(scope: Scope): unknown {
  const inner = scope.scopes.map((one) => [one.label, scopes(one)]);
  return { count: scope.count, elements: scope.elements, bytes: scope.bytes, ...Object.fromEntries(inner as []) };
}

describe("a catalog", () => {
  it("finds tensors by place and by name", () => {
    expect(catalog.get("a/c")).toMatchObject({ name: "a/c", dtype: "int64", shape: [], size: 8 });
    expect(catalog.get("missing")).toBeUndefined();
    expect(places.map((place) => catalog.elements(place))).toEqual([2, 16, 16, 16, 1, 1]);
  });
});

describe("scopes", () => {
  it("sum what is in them, with names between that sort before a slash", () => {
    expect(scopes(scopesOf(catalog, places, nameOf, NO_SLOTS, "name"))).toEqual({
      count: 6,
      elements: 52,
      bytes: 224,
      a: {
        count: 4,
        elements: 49,
        bytes: 200,
        b: { count: 3, elements: 48, bytes: 192, kernel: { count: 2, elements: 32, bytes: 128 } },
      },
      "a-b": { count: 1, elements: 2, bytes: 16 },
    });
  });

  it("are the same whatever the order of the places", () => {
    const sorted = scopesOf(catalog, places, nameOf, NO_SLOTS, "size");
    expect(scopes(scopesOf(catalog, [...places].reverse(), nameOf, NO_SLOTS, "size"))).toEqual(scopes(sorted));
    expect(sorted.scopes.map(({ label }) => label)).toEqual(["a", "a-b"]);
  });

  it("of a name with very many parts end at some depth", () => {
    const deep = catalogOf({ [`${"x/".repeat(10_000)}leaf`]: ["float32", []] });
    let depth = 0;
    let scope: Scope | undefined = scopesOf(deep, [0], () => deep.names[0] as string, NO_SLOTS, "name");
    for (; scope !== undefined; scope = scope.scopes[0]) depth++;
    expect(depth).toBeLessThan(60);
  });
});

describe("slots", () => {
  const slots = slotsOf(catalog);

  it("are folded under their variable, and count to its scope", () => {
    const kernel = catalog.placeOf("a/b/kernel") as number;
    expect(slots.byOwner.get(kernel)?.map(nameOf)).toEqual(["a/b/kernel/Adam", "a/b/kernel/Adam_1"]);
    const root = scopesOf(catalog, places, nameOf, slots, "name");
    const rows = treeRows(root, slots, new Set(["scope a", "scope a/b", `tensor ${kernel}`]), (place, depth) =>
      labelOf(place, depth, nameOf, slots),
    );
    expect(rows.map(text)).toEqual(["a", " b", "  kernel", "   Adam", "   Adam_1", " c", "a-b", "step"]);
  });

  it("stand for themselves if their variable is filtered out", () => {
    const found = filterTensors(catalog, haystackOf(catalog), { query: "*Adam*", dtype: "", atLeast: 0 });
    expect(slotsAmong(catalog, slots, found).owners.size).toBe(0);
  });
});

describe("a search", () => {
  const find = (query: string, dtype = "", atLeast = 0) =>
    filterTensors(catalog, haystackOf(catalog), { query, dtype, atLeast }).map(nameOf);

  it("takes words, patterns in which * crosses /, dtypes and sizes", () => {
    expect(find("kernl adam")).toEqual(["a/b/kernel/Adam", "a/b/kernel/Adam_1"]);
    expect(find("a*Adam")).toEqual(["a/b/kernel/Adam"]);
    expect(find("", "int64")).toEqual(["a/c", "step"]);
    expect(find("", "", 17)).toEqual(["a/b/kernel", "a/b/kernel/Adam", "a/b/kernel/Adam_1"]);
    expect(find("nothing like it")).toEqual([]);
  });

  it("takes any text, and looks at the start of very long names only", () => {
    expect(find("-")).toEqual(["a-b/bias"]);
    for (const query of ["(", "\\", "[", "a[", ".*+?^$(){}|"]) expect(() => find(query)).not.toThrow();
    const long = catalogOf({ [`${"y".repeat(1_000_000)}z`]: ["float32", []] });
    expect(haystackOf(long)[0]?.length).toBe(1000);
  });
});

describe("rows", () => {
  it("without groups come in the order of the list, each with its place in it", () => {
    const compare = comparePlaces(catalog, "elements");
    const rows = flatRows([...places].sort(compare), slotsOf(catalog), new Set(), (place) => nameOf(place));
    expect(rows.map(text)).toEqual(["a/b/kernel", "a-b/bias", "a/c", "step"]);
    expect(rows.map(({ position, siblings }) => [position, siblings])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });

  it("by object have the names of objects", () => {
    const objects = [{ key: "a/c", path: "model/counter", graphName: "counter" }];
    const paths = (group: "objects" | "graph-names" | "scopes") => pathsOf(catalog, group, objects);
    const place = catalog.placeOf("a/c") as number;
    expect([paths("objects")(place), paths("graph-names")(place), paths("scopes")(place)]).toEqual([
      "model/counter",
      "counter",
      "a/c",
    ]);
  });
});

function text({ depth, item }: Row): string {
  return " ".repeat(depth) + ("scope" in item ? item.scope.label : item.label);
}
