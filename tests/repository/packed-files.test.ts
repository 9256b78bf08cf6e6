import { expect, test } from "vitest";
import { strayFiles } from "../../tools/check/stray-files.js";

test("accepts the files that a package needs, and no others", () => {
  const wanted = [
    "package.json",
    "README.md",
    "CHANGELOG.md",
    "bin/tfckpt.js",
    "dist/index.js",
    "dist/index.js.map",
    "dist/node/default.d.ts",
    "src/index.ts",
    "src/generated/bundle.decode.ts",
    "src/ui/tabs.tsx",
    "src/ui/tabs.css",
    "dist/page/index.html",
    "dist/page/assets/index-BgB1KKFv.css",
  ];
  const stray = [
    ".env",
    "src/.env.ts",
    "api.txt",
    "tsconfig.json",
    "dist/.tsbuildinfo",
    "dist/tsconfig.tsbuildinfo",
    "dist/data.bin",
    "dist/index.html",
    "test/model.ts",
    "src/test/model.ts",
    "src/saver.test.ts",
    "src/fixtures/golden.ts",
    "src/key.pem",
    "node_modules/x/index.js",
    "model.ckpt.index",
  ];
  expect(strayFiles([...wanted, ...stray])).toEqual(stray);
});
