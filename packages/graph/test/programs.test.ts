import { GraphDef } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { Program, recordedPrograms } from "./program.js";

describe("graphs that TensorFlow makes of the same program", () => {
  it.each(recordedPrograms.filter(({ graph }) => graph !== undefined))("$title", ({ program, graph }) => {
    const made = new Program();
    made.run(program);
    const bytes = GraphDef.encode({ ...made.graph.toGraphDef(true), versions: undefined });
    expect(GraphDef.decode(bytes)).toEqual(GraphDef.decode(Buffer.from(graph as string, "base64")));
    expect(Buffer.from(bytes).toString("base64")).toBe(graph);
  });
});

describe("programs that TensorFlow refuses", () => {
  it.each(recordedPrograms.filter(({ error }) => error !== undefined))("$title", ({ program, error, message }) => {
    expect(error).toBe("ValueError");
    const [culprit] = /'.*?'/.exec(message as string) as RegExpExecArray;
    expect(() => new Program().run(program)).toThrow(
      expect.objectContaining({ kind: error, message: expect.stringContaining(culprit) }),
    );
  });
});
