import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App } from "./app.js";

const AppContext = createContext<App | undefined>(undefined);

/** Gives the app to all components below. */
export const AppProvider = AppContext.Provider;

/** Returns the app that a component belongs to. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("There is no AppProvider above this component");
  return app;
}
