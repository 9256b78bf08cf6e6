import { copyFileSync, cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { writeNpz } from "@tfsaver/interchange/npz";
import { writeSafetensors } from "@tfsaver/interchange/safetensors";
import type { Page } from "playwright";
import { afterEach, describe, expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { root } from "../workspace.js";
import { drop, startViewer, takeFailures } from "./browser.js";
import { withForeignServer } from "./foreign-server.js";
import { temporaryFolder } from "./temporary-folder.js";

const viewer = startViewer();
const folder = temporaryFolder();
const golden = (path: string) => join(goldensFolder, path);

afterEach(() => expect(takeFailures()).toEqual([]));

/** Waits until the checkpoint that is shown has this number of tensors. */
async function expectTensors(page: Page, count: number): Promise<void> {
  await page.locator(".figures dd").first().waitFor();
  expect(await page.locator(".figures dd").first().textContent()).toBe(String(count));
}

describe("a drop", () => {
  test("of a folder shows its tensors, and a click on one its numbers", async () => {
    const page = await viewer.open();
    await page.getByText("Drop a checkpoint here").waitFor();
    await drop(page, [golden("v2-with-meta")]);
    await page.getByRole("tab", { name: "Tensors" }).click();
    await page.getByRole("treeitem", { name: "dense1" }).click();
    await page.getByRole("treeitem", { name: /^kernel/ }).click();
    await page.getByRole("heading", { name: "dense1/kernel" }).waitFor();
    expect(page.url()).toContain("tensor=dense1%2Fkernel");
  });

  test.each([
    ["an index and its data", ["v2-with-meta/model.ckpt-6.index", "v2-with-meta/model.ckpt-6.data-00000-of-00001"], 15],
    ["a V1 file", ["v1-simple"], 3],
    ["a sharded V1 checkpoint", ["v1-sharded"], 3],
    ["a partitioned checkpoint", ["v2-partitioned"], 2],
    ["an object-based checkpoint", ["object-based"], 12],
  ] as const)("of %s opens it", async (_, paths, atLeast) => {
    const page = await viewer.open();
    await drop(page, paths.map(golden));
    await page.locator(".figures dd").first().waitFor();
    expect(Number(await page.locator(".figures dd").first().textContent())).toBeGreaterThanOrEqual(atLeast);
  });

  test("of a SavedModel opens its variables", async () => {
    const model = join(folder, "saved-model");
    mkdirSync(join(model, "variables"), { recursive: true });
    writeFileSync(join(model, "saved_model.pb"), "");
    for (const ending of ["index", "data-00000-of-00001"]) {
      cpSync(golden(`v2-with-meta/model.ckpt-7.${ending}`), join(model, `variables/variables.${ending}`));
    }
    const page = await viewer.open();
    await drop(page, [model]);
    await expectTensors(page, 15);
  });

  test("of safetensors and npz opens them", async () => {
    const reader = await openCheckpoint(golden("v2-with-meta/model.ckpt-7"));
    await writeSafetensors(reader, join(folder, "model.safetensors"));
    await writeNpz(reader, join(folder, "model.npz"));
    await reader.close();
    for (const name of ["model.safetensors", "model.npz"]) {
      const page = await viewer.open();
      await drop(page, [join(folder, name)]);
      await expectTensors(page, 15);
      await page.close();
    }
  });

  test.each(["small.weights.h5", "small.keras"])("of %s of Keras opens it, and a click shows numbers", async (name) => {
    const page = await viewer.open();
    await drop(page, [join(root, "fixtures/keras", name)]);
    await page.getByText("Keras weights (HDF5)").waitFor();
    await page.getByRole("tab", { name: "Tensors" }).click();
    await page.getByRole("combobox", { name: "Group" }).selectOption("No groups");
    await page
      .getByRole("treeitem", { name: /float32/ })
      .first()
      .click();
    await page.getByRole("gridcell").first().waitFor();
  });

  test("of a file of another kind says what it is, and another drop then works", async () => {
    const page = await viewer.open();
    writeFileSync(join(folder, "picture.pt"), Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c));
    await drop(page, [join(folder, "picture.pt")]);
    await page.getByText("picture.pt is no file of a checkpoint").waitFor();
    await drop(page, [golden("v2-with-meta")]);
    await expectTensors(page, 15);
    expect(await page.getByText("picture.pt").count()).toBe(0);
  });

  test("of a folder whose only file is no checkpoint's says what that is", async () => {
    const only = join(folder, "only/deep");
    mkdirSync(only, { recursive: true });
    writeFileSync(join(only, "checkpoint"), 'model_checkpoint_path: "gone"\n');
    const page = await viewer.open();
    await drop(page, [join(folder, "only")]);
    await page.getByText("only/deep/checkpoint is no file of a checkpoint: it is a state file").waitFor();
    writeFileSync(join(folder, "model.safetensors"), `version https://git-lfs.github.com/spec/v1\nsize 5\n`);
    await drop(page, [join(folder, "model.safetensors")]);
    await page
      .getByText(/model\.safetensors is a Git LFS pointer.*git lfs pull/)
      .first()
      .waitFor();
  });

  test("of data without its index says what is missing", async () => {
    const page = await viewer.open();
    await drop(page, [golden("v2-with-meta/model.ckpt-7.data-00000-of-00001")]);
    await page.getByText("model.ckpt-7 can't be opened").waitFor();
    await page.getByText("model.ckpt-7.index").first().waitFor();
  });

  test("beside an open checkpoint shows the new one, and keeps the other at hand", async () => {
    const page = await viewer.open();
    await drop(page, [golden("v2-with-meta")]);
    await expectTensors(page, 15);
    await drop(page, [golden("v2-scalars-and-empty")]);
    const picker = page.getByRole("combobox", { name: "Checkpoint" });
    await expect.poll(() => picker.locator("option:checked").textContent()).toContain("v2-scalars-and-empty");
    await picker.selectOption({ label: "v2-with-meta/model.ckpt-5" });
    await page.getByRole("heading", { name: "v2-with-meta/model.ckpt-5" }).waitFor();
  });
});

describe("a picker", () => {
  test("opens a folder", async () => {
    const page = await viewer.open();
    await page.locator("input[webkitdirectory]").setInputFiles(golden("v2-with-meta"));
    await expectTensors(page, 15);
  });

  test("opens files", async () => {
    const page = await viewer.open();
    const endings = ["index", "data-00000-of-00001"];
    const paths = endings.map((ending) => golden(`v2-with-meta/model.ckpt-5.${ending}`));
    await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(paths);
    await expectTensors(page, 15);
  });
});

describe("an address", () => {
  test.each([
    "v2-with-meta/model.ckpt-7",
    "v2-with-meta/model.ckpt-7.index",
    "v2-with-meta/model.ckpt-7.data-00000-of-00001",
    "v2-with-meta/checkpoint",
    "v2-with-meta/",
    "v2-with-meta",
  ])("opens %s on a server of another origin, which lists no folder", async (path) => {
    await withForeignServer(goldensFolder, { cors: true, ranges: true }, async (url) => {
      const page = await viewer.open(`?url=${encodeURIComponent(url + path)}`);
      await expectTensors(page, 15);
      // The state file tells of the others.
      const options = await page.getByRole("combobox", { name: "Checkpoint" }).locator("option").allTextContents();
      expect(options.map((text) => text.replace(/.*model/, "model"))).toEqual([
        "model.ckpt-5",
        "model.ckpt-6",
        "model.ckpt-7",
      ]);
    });
  });

  test("of a large file that its format can only read whole asks before it fetches it", async () => {
    const path = join(folder, "large.weights.h5");
    copyFileSync(join(root, "fixtures/keras/small.weights.h5"), path);
    truncateSync(path, 65 << 20);
    await withForeignServer(folder, { cors: true, ranges: true }, async (url) => {
      const page = await viewer.open(`?url=${encodeURIComponent(`${url}large.weights.h5`)}`);
      const dialog = page.getByRole("dialog", { name: /^Read all of large.weights.h5/ });
      expect(await dialog.textContent()).toContain("65.0 MiB");
      await page.keyboard.press("Escape");
      await page.getByText("Not read: you declined").waitFor();
      expect(await page.getByTitle("Read so far").textContent()).not.toContain("MiB");
      await page.reload();
      await dialog.getByRole("button", { name: /^Read/ }).click();
      await page.getByText("Keras weights (HDF5)").waitFor();
      expect(await page.getByTitle("Read so far").textContent()).toContain("65.0 MiB");
    });
  });

  test("of an HDF5 file above 1 GiB says that it is too large, and another one then opens", async () => {
    const path = join(folder, "huge.weights.h5");
    copyFileSync(join(root, "fixtures/keras/small.weights.h5"), path);
    truncateSync(path, 2 ** 30 + 1);
    const page = await viewer.open();
    await drop(page, [path]);
    await page
      .getByRole("dialog", { name: /^Read all of huge.weights.h5/ })
      .getByRole("button", { name: /^Read/ })
      .click();
    await page
      .getByText(/huge\.weights\.h5.*1 GiB/)
      .first()
      .waitFor();
    expect(await page.getByTitle("Read so far").textContent()).not.toContain("GiB");
    await drop(page, [golden("v1-simple")]);
    await page.getByRole("tab", { name: "Tensors" }).waitFor();
    rmSync(path);
  });

  test("opens several at once", async () => {
    const page = await viewer.open("?url=files/v2-with-meta/model.ckpt-7&url=files/v1-simple/model.ckpt");
    await expectTensors(page, 15);
    await expect.poll(() => page.getByRole("combobox", { name: "Checkpoint" }).locator("optgroup").count()).toBe(2);
  });

  test("of a folder without a state file says what to give instead", async () => {
    await withForeignServer(goldensFolder, { cors: true, ranges: true }, async (url) => {
      const page = await viewer.open(`?url=${encodeURIComponent(`${url}v2-all-dtypes-not-here/`)}`);
      await page.getByText("A web server does not list its folders").waitFor();
    });
  });

  test("on a server that forbids other pages says which headers it must send", async () => {
    await withForeignServer(goldensFolder, { cors: false, ranges: true }, async (url) => {
      const page = await viewer.open(`?url=${encodeURIComponent(`${url}v2-with-meta/model.ckpt-7`)}`);
      await page.getByText("Access-Control-Allow-Origin").waitFor();
      // The browser reports that it kept the answer from the page.
      expect(takeFailures().join("\n")).toContain("CORS");
    });
  });

  test("on a server without ranges is read whole if it is small", async () => {
    await withForeignServer(goldensFolder, { cors: true, ranges: false }, async (url) => {
      const page = await viewer.open(`?url=${encodeURIComponent(`${url}v2-with-meta/model.ckpt-7`)}`);
      await expectTensors(page, 15);
    });
  });

  test("typed by hand opens a checkpoint", async () => {
    const page = await viewer.open();
    await page.getByRole("textbox", { name: "or the address of one" }).fill(`${viewer.url}files/v1-simple/model.ckpt`);
    await page.keyboard.press("Enter");
    await page.getByText("V1, tables of slices").waitFor();
  });
});
