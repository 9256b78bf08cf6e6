import type { Statistics } from "@tfsaver/checkpoint-tools";
import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { infinities } from "../../../model/compare/trend.js";
import type { PairComparison } from "../../../worker/handlers/compare/compare.js";
import { percent } from "../compared-row.js";

/** The statistics that are shown, by what they are called. */
const STATISTICS: Readonly<Record<string, (statistics: Statistics) => number | bigint | undefined>> = {
  mean: ({ mean }) => mean,
  deviation: ({ deviation }) => deviation,
  min: ({ min }) => min,
  max: ({ max }) => max,
  norm: ({ l2 }) => l2,
  zeros: ({ zeros }) => zeros,
  NaN: ({ nan }) => nan,
  infinite: infinities,
};

/** Shows how different two tensors are, in numbers. */
export function PairNumbers({ comparison }: { readonly comparison: PairComparison }) {
  const { values, statistics, difference } = comparison;
  return (
    <>
      {values === undefined ? (
        <p>The values can't be compared one by one, because the shapes or the kinds of values differ.</p>
      ) : (
        <dl class="facts number">
          <Fact label="Equal" text={percent(values.equalShare)} />
          <Fact
            label="Different"
            text={`${values.differing.toLocaleString("en")} of ${values.elements.toLocaleString("en")}`}
          />
          <Fact label="Largest difference" text={shortNumber(values.largest)} />
          <Fact label="Mean difference" text={shortNumber(values.mean)} />
          <Fact label="Cosine" text={values.cosine === undefined ? "-" : values.cosine.toFixed(6)} />
        </dl>
      )}
      {statistics !== undefined && (
        <div class="scroll">
          <table class="number">
            <thead>
              <tr>
                <th scope="col">
                  <span class="hidden">Statistic</span>
                </th>
                <th scope="col" class="before">
                  Before
                </th>
                <th scope="col" class="after">
                  After
                </th>
                {difference !== undefined && <th scope="col">After − before</th>}
              </tr>
            </thead>
            <tbody>
              {Object.entries(STATISTICS).map(([label, of]) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{shortNumber(of(statistics[0]))}</td>
                  <td>{shortNumber(of(statistics[1]))}</td>
                  {difference !== undefined && <td>{shortNumber(of(difference))}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Fact({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text}</dd>
    </div>
  );
}
