import { expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { run } from "../../src/run.js";
import { FakeStream } from "../run-cli.js";

/** Runs `tfckpt view` until it has printed its address; `use` gets it. */
async function viewing(args: readonly string[], use: (url: string) => Promise<void>) {
  const controller = new AbortController();
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const running = run(["view", "--no-open", ...args], { stdout, stderr, signal: controller.signal });
  while (stdout.text === "" && (await Promise.race([running.then(() => true), tick()])) !== true);
  if (stdout.text !== "") await use(stdout.text.trim());
  controller.abort();
  return { code: await running, stderr: stderr.text };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

it("serves the files of a checkpoint at a secret address until it is interrupted", async () => {
  let address = "";
  const { code, stderr } = await viewing([`${goldensFolder}v2-with-meta/model.ckpt-7`], async (url) => {
    address = url;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{20,}\/\?served=model\.ckpt-7$/);
    expect((await fetch(new URL("files/model.ckpt-7.index", url))).status).toBe(200);
  });
  expect(stderr).toContain("until Ctrl-C");
  expect(code).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
});

it("says that a folder does not exist", async () => {
  const { code, stderr } = await viewing(["no/such/model"], async () => undefined);
  expect(stderr).toContain("There is no folder no/such");
  expect(code).toBe(3);
});

it("rejects a port that is no number", async () => {
  const { code, stderr } = await viewing(["--port", "http", goldensFolder], async () => undefined);
  expect(stderr).toContain("--port takes a number");
  expect(code).toBe(2);
});
