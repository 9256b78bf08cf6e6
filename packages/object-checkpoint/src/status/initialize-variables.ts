import { type Session, Variable } from "@tfsaver/graph";
import type { RootView } from "../objects/root-view.js";
import { walkObjects } from "../objects/walk-objects.js";

/**
 * Runs the initializers of the variables below a root.
 *
 * @param isLeft - tells if an object is to be initialized
 * @param session - returns the session; called only if there are such variables
 */
export async function initializeVariables(
  view: RootView,
  isLeft: (object: object) => boolean,
  session: () => Session,
): Promise<void> {
  const objects = walkObjects(view).nodes.map(({ object }) => object);
  const variables = objects.filter((object) => object instanceof Variable).filter(isLeft);
  if (variables.length > 0) await session().run(variables.map(({ initializer }) => initializer));
}
