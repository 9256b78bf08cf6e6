import type { Theme } from "vitepress/client";
import DefaultTheme from "vitepress/theme";
import { CheckpointViewer } from "./checkpoint-viewer.js";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("CheckpointViewer", CheckpointViewer);
  },
} satisfies Theme;
