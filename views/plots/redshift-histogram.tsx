import type { Histogram } from '../../src/tables/inspection.ts'
import { count, number, tick } from '../format.ts'
import { Figure } from './figure.tsx'
import { linear, place, ticks } from './scale.ts'
import { peak } from './sparkline.tsx'

const WIDTH = 420
const HEIGHT = 230
const FRAME = { left: 46, right: 410, top: 12, bottom: 194 }

interface RedshiftHistogramProps {
  readonly id: string
  readonly histogram: Histogram
  /** A second distribution in the same bins, e.g. of the rows with secure flags. */
  readonly subset?: { readonly label: string; readonly counts: readonly number[] }
  /** Name of the column that was counted. */
  readonly column: string
}

/** n(z): how many rows per bin of redshift. */
export function RedshiftHistogram({ id, histogram, subset, column }: RedshiftHistogramProps) {
  const { low, high, counts, below, above } = histogram
  const step = (high - low) / Math.max(1, counts.length)
  const yTicks = ticks(0, Math.max(...counts, 1), 6).filter(Number.isInteger)
  const yTop = Math.max(...counts, yTicks.at(-1) ?? 1, 1)
  const x = linear([low, high], [FRAME.left, FRAME.right])
  const y = linear([0, yTop], [FRAME.bottom, FRAME.top])
  const gap = counts.length > 90 ? 0 : 1
  const bars = (values: readonly number[]) =>
    values
      .map((value, index) =>
        value === 0
          ? ''
          : `M${place(x(low + index * step))} ${FRAME.bottom}V${place(y(value))}H${place(x(low + (index + 1) * step) - gap)}V${FRAME.bottom}z`,
      )
      .join('')
  const beyond = [below > 0 ? `${count(below)} below` : '', above > 0 ? `${count(above)} above` : ''].filter(Boolean)
  const total = counts.reduce((sum, value) => sum + value, 0)
  return (
    <Figure
      id={id}
      kind="nz"
      width={WIDTH}
      height={HEIGHT}
      title={`Redshift distribution of ${column}`}
      description={`${count(total)} redshifts between ${number(low, 3)} and ${number(high, 3)}, in ${counts.length} bins of ${number(step, 3)}; most near ${number(peak(histogram), 2)}.`}
      caption={
        <>
          {subset ? (
            <span class="key">
              <span class="key-data">all</span> <span class="key-data-2">{subset.label}</span>
            </span>
          ) : null}
          Rows per bin of {number(step, 3)} in <code>{column}</code>
          {beyond.length > 0 ? `; ${beyond.join(', ')} the range shown` : ''}
        </>
      }
      table={{
        headers: ['from', 'to', 'rows', ...(subset ? [subset.label] : [])],
        rows: counts.map((value, index) => [
          number(low + index * step, 4),
          number(low + (index + 1) * step, 4),
          count(value),
          ...(subset ? [count(subset.counts[index] ?? 0)] : []),
        ]),
      }}
    >
      {yTicks.map((value) => (
        <>
          <path class="grid" d={`M${FRAME.left} ${place(y(value))}H${FRAME.right}`} />
          <text x={FRAME.left - 6} y={place(y(value) + 4)} class="end">
            {count(value)}
          </text>
        </>
      ))}
      <path class="bars" d={bars(counts)} />
      {subset ? <path class="bars-2" d={bars(subset.counts)} /> : null}
      <path class="axis" d={`M${FRAME.left} ${FRAME.bottom}H${FRAME.right}`} />
      {ticks(low, high, 7).map((value) => (
        <text x={place(x(value))} y={FRAME.bottom + 16} class="middle">
          {tick(value)}
        </text>
      ))}
      <text x={FRAME.right} y={HEIGHT - 4} class="end name">
        redshift <tspan class="italic">z</tspan>
      </text>
    </Figure>
  )
}
