import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { accessibilityProblems } from "../accessible.js";
import { startViewer } from "../browser.js";
import { temporaryFolder } from "../temporary-folder.js";
import { addressOf, floats, strings, writeTensors } from "./tensors.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);

beforeAll(async () => {
  await writeTensors(join(folder, "m"), {
    kernel: floats([3, 3, 9, 14], (place) => (place === 5 ? Number.NaN : Math.sin(place))),
    "t-keys": strings(
      [300],
      Array.from({ length: 300 }, (_, i) => `word${i}`),
    ),
    "t-values": floats([300], (place) => place),
  });
});

for (const [tensor, tab, text] of [
  ["kernel", "numbers", "checksum verified"],
  ["kernel", "statistics", "Histogram as a table"],
  ["kernel", "picture", "The picture as a table"],
  ["kernel", "kernels", "Input 0, output 0"],
  ["t-keys", "numbers", "checksum verified"],
  ["t-keys", "table", "300 rows"],
] as const) {
  test(`axe finds nothing in ${tab} of ${tensor}, light and dark`, async () => {
    const page = await viewer.open(addressOf("m", tensor, { tab }));
    await page.getByText(text).first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityProblems(page)).toEqual([]);
    }
    await page.close();
  });
}
