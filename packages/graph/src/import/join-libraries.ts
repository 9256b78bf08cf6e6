import { bytesEqual, ValueError } from "@tfsaver/core";
import { FunctionDef, FunctionDefLibrary } from "@tfsaver/proto/graph";

/**
 * Joins two serialized function libraries. Functions keep their bytes; a function that both have is kept once.
 *
 * @throws `ValueError` if both have different functions of the same name; `DataLossError` if a library is damaged.
 */
export function joinLibraries(before: Uint8Array | undefined, added: Uint8Array | undefined): Uint8Array | undefined {
  if (before === undefined || added === undefined) return before ?? added;
  const [known, more] = [FunctionDefLibrary.decode(before), FunctionDefLibrary.decode(added)];
  const byName = new Map(known.function.map((bytes) => [nameOf(bytes), bytes]));
  const others = more.function.filter((bytes) => {
    const same = byName.get(nameOf(bytes));
    if (same === undefined) return true;
    if (bytesEqual(same, bytes)) return false;
    throw new ValueError(
      `Cannot add function '${nameOf(bytes)}' because a different function with the same name already exists.`,
    );
  });
  const differentiated = new Set(known.gradient.map(({ functionName }) => functionName));
  return FunctionDefLibrary.encode({
    ...known,
    function: [...known.function, ...others],
    gradient: [...known.gradient, ...more.gradient.filter(({ functionName }) => !differentiated.has(functionName))],
    registeredGradients: [...known.registeredGradients, ...more.registeredGradients],
  });
}

function nameOf(bytes: Uint8Array): string {
  return FunctionDef.decode(bytes).signature?.name ?? "";
}
