import { describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../../../fixtures/goldens.js";
import { run } from "../../src/run.js";
import { BrokenStream, FakeStream, tfckpt } from "../run-cli.js";

const prefix = `${goldensFolder}v2-with-meta/model.ckpt-7`;
/** Lines with an error and with the diagnosis of its files. */
const explained = /^(?:tfckpt: [^\n]+\n)+$/;
const oneLine = /^tfckpt: [^\n]+\n$/;

describe("wrong usage", () => {
  it.each([
    [[], "no command; try tfckpt --help"],
    [["list", prefix], "unknown command 'list'"],
    [["ls"], "missing required argument 'prefix'"],
    [["ls", prefix, "more"], "too many arguments"],
    [["ls", prefix, "--jsno"], "unknown option '--jsno' (Did you mean --json?)"],
    [["--nothing"], "unknown option '--nothing'"],
    [["help", "lss"], "unknown command 'lss' (Did you mean ls?)"],
    [["help", "edit-"], "unknown command 'edit-' (Did you mean edit?)"],
    [["cat", prefix, "global_step", "--json", "-f", "npy"], "give --json or --format, not both"],
    [["convert", prefix, "/none/m.safetensor"], "no format has the ending .safetensor; the endings are"],
    [["convert", prefix, "/none/m.onnx"], "no format has the ending .onnx"],
    [["convert", prefix, "/none/weights.json"], "no format has the ending .json"],
    [["prune", prefix, "--keep-latest", "1"], `is a checkpoint: pass the folder of the checkpoints, ${goldensFolder}`],
    [["repair-state", `${prefix}.index`], "is a file: pass the folder of the checkpoints"],
    [["clean", `${goldensFolder}v2-with-meta/checkpoint`], "is a file: pass the folder of the checkpoints"],
    [["cat", prefix], "missing required argument 'name'"],
    [["cat", prefix, "global_step", "--format", "xml"], "Allowed choices are text, json, npy, raw"],
    [["cat", prefix, "global_step", "-o"], "argument missing"],
  ])("%j is refused in one line", async (args, message) => {
    const { code, stdout, stderr } = await tfckpt(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
  });
});

describe("help and version", () => {
  it.each([[["--help"]], [["help"]], [["ls", "--help"]], [["help", "cat"]]])("%j succeeds", async (args) => {
    const { code, stdout, stderr } = await tfckpt(args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: tfckpt /);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("prints the package's version", async () => {
    const { stdout } = await tfckpt(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });
});

describe("missing checkpoints and tensors", () => {
  it.each([["ls"], ["digest"], ["verify"]])("%s of a missing checkpoint", async (command) => {
    const { code, stdout, stderr } = await tfckpt([command, `${goldensFolder}nothing/here`]);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("nothing/here.index");
  });

  it("cat of a missing tensor", async () => {
    const { code, stderr } = await tfckpt(["cat", prefix, "weights"]);
    expect(code).toBe(3);
    expect(stderr).toBe(`tfckpt: Key weights not found in checkpoint ${prefix}; run tfckpt ls to list its tensors\n`);
  });

  it.each([
    ["dense3/kernel", "dense1/kernel or dense2/kernel"],
    ["model/dense1/kernel:0", "dense1/kernel or dense2/kernel"],
    ["global_stepp", "global_step"],
  ])("cat of %s asks which tensor is meant", async (name, names) => {
    const { code, stderr } = await tfckpt(["cat", prefix, name]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      new RegExp(`^tfckpt: Key ${name} not found in checkpoint .*; did you mean ${names}.*\\?\n$`),
    );
  });
});

describe("the last line of an error", () => {
  it("leads to the page that explains its kind or, if the files are the cause, what is wrong with them", async () => {
    const explained = "https://tfsaver.github.io/tfsaver/errors";
    expect((await tfckpt(["ls", `${goldensFolder}nothing/here`])).more).toBe(`${explained}#notfounderror`);
    expect((await tfckpt(["cat", prefix, "weights"])).more).toBe(`${explained}#notfounderror`);
    const more = async (...args: string[]) => (await tfckpt(args)).more;
    expect(await more("cat", `${goldensFolder}corrupt/data-flip-float`, "alpha")).toBe(`${explained}#changed`);
    expect(await more("verify", `${goldensFolder}corrupt/data-truncated`)).toBe(`${explained}#truncated`);
  });

  it("is left out where the command was typed wrongly, which explains itself", async () => {
    expect((await tfckpt(["list", prefix])).more).toBeUndefined();
  });
});

describe("names of any length", () => {
  it("do not make a message long", async () => {
    const { code, stderr } = await tfckpt(["cat", prefix, "x".repeat(100_000)]);
    expect(code).toBe(3);
    expect(stderr.length).toBeLessThan(3000);
    expect(stderr).toContain("(the message is truncated)");
  });
});

describe("bad checkpoints", () => {
  const damaged = goldenCheckpoints("corrupt").filter(
    ({ errors, note = "", prefix }) => errors !== undefined && prefix !== "index-missing" && !note.includes("accepted"),
  );

  it.each(damaged)("verify and digest fail for $prefix ($note)", async ({ path, prefix }) => {
    for (const command of ["verify", "digest"]) {
      // A digest does not read this block.
      if (command === "digest" && prefix === "index-flip-metaindex-block") continue;
      const { code, stderr } = await tfckpt([command, path]);
      expect([command, code]).toEqual([command, 1]);
      expect(stderr).toMatch(explained);
      expect(stderr).toContain(prefix);
    }
  });

  it("are explained with a stack trace only with --debug", async () => {
    const bad = `${goldensFolder}corrupt/data-flip-float`;
    expect((await tfckpt(["cat", bad, "alpha"])).stderr).toMatch(explained);
    expect((await tfckpt(["cat", bad, "alpha", "--debug"])).stderr).toMatch(/^tfckpt: .*\n.*DataLossError.*\n +at /);
    expect((await tfckpt(["--debug", "cat", bad, "alpha"])).stderr).toMatch(/\n +at /);
  });
});

describe("broken pipes", () => {
  it.each([
    [["ls", prefix], 0],
    [["ls", prefix, "--json"], 0],
    [["digest", prefix], 0],
    [["cat", prefix, "dense1/kernel"], 0],
    [["verify", `${goldensFolder}corrupt/data-flip-float`], 1],
  ])("%j ends without a message", async (args, wanted) => {
    for (const writes of [0, 1]) {
      const stderr = new FakeStream();
      const code = await run(args, { stdout: new BrokenStream(writes), stderr });
      if (writes === 0) expect([code, stderr.text]).toEqual([wanted, ""]);
      else expect(code).toBe(wanted);
    }
  });
});
