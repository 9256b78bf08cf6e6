import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const model = `${goldensFolder}v2-with-meta`;
const words = async (...typed: string[]) =>
  (await tfckpt(["complete", "--", ...typed])).stdout.split("\n").slice(0, -1);

describe("completion", () => {
  it("proposes commands, options and choices", async () => {
    expect(await words("a")).toEqual(["average"]);
    expect(await words("")).toContain("verify");
    expect(await words("")).not.toContain("complete");
    expect(await words("ls", model, "--s")).toEqual(["--sort", "--slots"].sort().reverse());
    expect(await words("ls", model, "--sort", "s")).toEqual(["size", "shape"]);
    expect(await words("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await words("help", "gr")).toEqual(["grep"]);
  });

  it("proposes names of tensors, and leaves files to the shell", async () => {
    expect(await words("cat", model, "dense1/b")).toEqual(["dense1/bias", "dense1/bias/Adam", "dense1/bias/Adam_1"]);
    expect(await words("cat", "-f", "json", model, "glo")).toEqual(["global_step"]);
    expect(await words("stat", model, "global_step", "beta1")).toEqual(["beta1_power"]);
    expect(await words("diff", model, model, "--match", "beta2")).toEqual(["beta2_power"]);
    expect(await words("cat", "")).toEqual([]);
    expect(await words("cat", "/none", "")).toEqual([]);
    expect(await words("nothing", "")).toEqual([]);
  });

  it("refuses other shells", async () => {
    expect(await tfckpt(["completion", "cmd"])).toMatchObject({ code: 2 });
  });
});
