import type { Page } from "playwright";

/** Something to take a picture of. */
export interface Scene {
  readonly name: string;
  /** What stands behind the address of the page. */
  readonly address: string;
  /** Brings the page to what is to be seen. */
  readonly prepare: (page: Page) => Promise<void>;
}

const RUN = "?served=";

const nothing = async () => undefined;

function tensorAddress(name: string): string {
  return `${RUN}#tensors?checkpoint=model.ckpt-3000&tensor=${encodeURIComponent(name)}`;
}

export const SCENES: readonly Scene[] = [
  { name: "start", address: "", prepare: nothing },
  {
    name: "overview",
    address: `${RUN}#overview`,
    prepare: async (page) => {
      await page.getByRole("button", { name: "Check which are whole" }).click();
      await page.locator(".timeline td", { hasText: "…" }).first().waitFor({ state: "detached" });
    },
  },
  {
    name: "tree",
    address: `${RUN}#tensors?checkpoint=model.ckpt-3000`,
    prepare: async (page) => {
      for (const name of [/^encoder/, /^layer_0/, /^attention/])
        await page.getByRole("treeitem", { name }).first().click();
    },
  },
  { name: "search", address: `${RUN}#tensors?checkpoint=model.ckpt-3000&q=kernel+1&sort=size`, prepare: nothing },
  {
    name: "damaged",
    address: `${RUN}#overview?checkpoint=model.ckpt-2000`,
    prepare: async (page) => {
      await page.getByRole("button", { name: /Verify every/ }).click();
      await page.getByText("Damaged").first().waitFor();
    },
  },
  {
    name: "tensor",
    address: tensorAddress("encoder/layer_0/attention/query/kernel"),
    prepare: nothing,
  },
  { name: "statistics", address: `${tensorAddress("embedding/table")}&tab=statistics`, prepare: nothing },
  { name: "heat-map", address: `${tensorAddress("embedding/table")}&tab=picture`, prepare: nothing },
  { name: "kernels", address: `${tensorAddress("stem/conv/kernel")}&tab=kernels`, prepare: nothing },
  { name: "slice", address: `${tensorAddress("stem/conv/kernel")}&slice=2:3,:,1:2,:`, prepare: nothing },
  { name: "compare", address: `${RUN}#compare?checkpoint=model.ckpt-3000`, prepare: nothing },
  {
    name: "compared-tensor",
    address: `${RUN}#compare?checkpoint=model.ckpt-3000&values=yes&order=largest&tensor=${encodeURIComponent("embedding/table")}`,
    prepare: nothing,
  },
  {
    name: "trend",
    address: `${RUN}#compare?checkpoint=model.ckpt-3000&mode=trend&tensor=${encodeURIComponent("embedding/table")}`,
    prepare: nothing,
  },
  { name: "graph", address: `${RUN}#graph?checkpoint=model.ckpt-3000`, prepare: nothing },
  { name: "operation", address: `${RUN}#graph?checkpoint=model.ckpt-3000&node=save%2FSaveV2`, prepare: nothing },
  { name: "saved-model", address: `${RUN}saved-model/variables/variables#graph`, prepare: nothing },
  {
    name: "function",
    address: `${RUN}saved-model/variables/variables#graph`,
    prepare: (page) =>
      page
        .getByRole("button", { name: /^__inference___call__/ })
        .first()
        .click(),
  },
];
