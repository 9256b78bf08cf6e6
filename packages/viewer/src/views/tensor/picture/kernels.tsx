import { elementReader } from "@tfsaver/checkpoint-tools";
import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import { kernelPage, kernelPages, kernelSlice, kernelValues } from "../../../model/pictures/kernels.js";
import { type ColorScale, type PaletteName, pixelsOf, scaleOf } from "../../../model/pictures/palette.js";
import { ScrollBox } from "../../../ui/scroll-box.js";
import { Working } from "../../../ui/working.js";
import type { ShownTensor } from "../shown-tensor.js";
import { ColorLegend } from "./color-legend.js";

/** Shows the kernels of a convolution as small pictures: a row for each input channel, a column for each output channel. */
export function Kernels({ shown }: { readonly shown: ShownTensor }) {
  const app = useApp();
  const { id, entry, unverified } = shown;
  const { name, shape } = entry;
  const { down, across } = kernelPages(shape);
  const page = kernelPage(shape, Number(app.address.value.params.page ?? 0));
  const number =
    Math.floor(page.input / kernelPage(shape, 0).inputs) * across +
    Math.floor(page.output / kernelPage(shape, 0).outputs);
  const [palette, setPalette] = useState<PaletteName | undefined>(undefined);
  const [chosen, setChosen] = useState({ input: 0, output: 0 });
  const { value, error } = useResource(`${id} ${name} ${number} ${unverified}`, (options) =>
    app.engine.cells({ id, name, slice: kernelSlice(page), unverified }, options),
  );
  useEffect(() => shown.onRead(error ?? value?.verified), [value, error]);
  const values = useMemo(() => (value === undefined ? undefined : numbersOf(value.tensor)), [value]);
  const scale = useMemo(() => (values === undefined ? undefined : scaleOf(values, { palette })), [values, palette]);
  const go = (next: number) => app.setParams({ page: next === 0 ? undefined : String(next) }, { replace: true });
  if (error !== undefined) return null;
  if (values === undefined || scale === undefined) return <Working what="Reading kernels" />;
  const [height = 0, width = 0] = shape;
  const inputs = Array.from({ length: page.inputs }, (_, i) => page.input + i);
  const outputs = Array.from({ length: page.outputs }, (_, i) => page.output + i);
  const active = {
    input: page.input + Math.min(chosen.input, page.inputs - 1),
    output: page.output + Math.min(chosen.output, page.outputs - 1),
  };
  const activeValues = kernelValues(values, shape, page, active.input, active.output);
  return (
    <div class="kernels">
      <ColorLegend scale={scale} onPalette={setPalette} />
      {down * across > 1 && (
        <div class="toolbar">
          <button type="button" disabled={number === 0} onClick={() => go(number - 1)}>
            Previous page
          </button>
          <span class="number">
            Page {number + 1} of {(down * across).toLocaleString("en")}
          </span>
          <button type="button" disabled={number === down * across - 1} onClick={() => go(number + 1)}>
            Next page
          </button>
        </div>
      )}
      <ScrollBox label="Kernels" class="kernel-box">
        <table class="number kernel-table">
          <thead>
            <tr>
              <td />
              {outputs.map((output) => (
                <th key={output} scope="col">
                  out {output}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inputs.map((input) => (
              <tr key={input}>
                <th scope="row">in {input}</th>
                {outputs.map((output) => (
                  <td key={output}>
                    <button
                      type="button"
                      class="kernel"
                      aria-label={`Input ${input}, output ${output}`}
                      aria-pressed={input === active.input && output === active.output}
                      onClick={() => setChosen({ input: input - page.input, output: output - page.output })}
                    >
                      <KernelPicture
                        values={kernelValues(values, shape, page, input, output)}
                        height={height}
                        width={width}
                        scale={scale}
                      />
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <h3>
        Input {active.input}, output {active.output}
      </h3>
      <ScrollBox label="Values of the kernel">
        <table class="number" aria-label={`Kernel of input ${active.input}, output ${active.output}`}>
          <tbody>
            {Array.from({ length: Math.min(height, 16) }, (_, row) => (
              <tr key={row}>
                {Array.from({ length: Math.min(width, 16) }, (__, column) => (
                  <td key={column}>{shortNumber(activeValues[row * width + column] as number)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </div>
  );
}

interface KernelPictureProps {
  readonly values: Float64Array;
  readonly height: number;
  readonly width: number;
  readonly scale: ColorScale;
}

function KernelPicture({ values, height, width, scale }: KernelPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(new ImageData(pixelsOf(values, scale), width, height), 0, 0);
  }, [values, scale]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden />;
}

function numbersOf(tensor: Parameters<typeof elementReader>[0]): Float64Array {
  const elementAt = elementReader(tensor);
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return Float64Array.from({ length: count }, (_, place) => {
    const element = elementAt(place) as number | readonly [number, number];
    return typeof element === "object" ? Math.hypot(element[0], element[1]) : Number(element);
  });
}
