/**
 * Returns the name of the operation that an output (`a:0`) or a control input (`^a`) belongs to.
 *
 * @example
 * ```ts
 * import { opNameOf } from "@tfsaver/graph";
 *
 * console.log(opNameOf("layer/weights:0")); // layer/weights
 * console.log(opNameOf("^init")); // init
 * ```
 */
export function opNameOf(name: string): string {
  return name.replace(/^\^/, "").replace(/:\d+$/, "");
}

/**
 * Returns the scope that a name is in, or `""` at the root.
 *
 * @example
 * ```ts
 * import { scopeOf } from "@tfsaver/graph";
 *
 * console.log(scopeOf("model/layer/weights")); // model/layer
 * ```
 */
export function scopeOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

/**
 * Returns all scopes that a name is in, innermost first.
 *
 * @example
 * ```ts
 * import { scopesOf } from "@tfsaver/graph";
 *
 * console.log(scopesOf("model/layer/weights")); // [ "model/layer", "model" ]
 * ```
 */
export function scopesOf(name: string): string[] {
  const scopes: string[] = [];
  for (let scope = scopeOf(name); scope !== ""; scope = scopeOf(scope)) scopes.push(scope);
  return scopes;
}

/** Splits off a leading `^` (control input) or `loc:@` (colocation group). */
function splitMark(name: string): [string, string, string] {
  return /^(\^|loc:@|)(.*)$/s.exec(name) as unknown as [string, string, string];
}

/**
 * Puts `scope/` before a name, after a leading `^` or `loc:@` (TensorFlow's `prepend_name_scope`).
 *
 * @example
 * ```ts
 * import { prependNameScope } from "@tfsaver/graph";
 *
 * console.log(prependNameScope("weights:0", "layer")); // layer/weights:0
 * console.log(prependNameScope("^init", "layer")); // ^layer/init
 * ```
 */
export function prependNameScope(name: string, scope: string): string {
  if (scope === "") return name;
  const [, mark, rest] = splitMark(name);
  return `${mark}${scope.replace(/\/$/, "")}/${rest}`;
}

/**
 * Removes `scope/` from a name that begins with it, after a leading `^` or `loc:@` (TensorFlow's `strip_name_scope`).
 * Other names stay as they are.
 *
 * @example
 * ```ts
 * import { stripNameScope } from "@tfsaver/graph";
 *
 * console.log(stripNameScope("layer/weights:0", "layer")); // weights:0
 * console.log(stripNameScope("step:0", "layer")); // step:0
 * ```
 */
export function stripNameScope(name: string, scope: string): string {
  if (scope === "") return name;
  const [, mark, rest] = splitMark(name);
  const inside = scope.replace(/\/$/, "");
  if (!rest.startsWith(`${inside}/`)) return name;
  return mark + rest.slice(inside.length).replace(/^\/+/, "");
}
