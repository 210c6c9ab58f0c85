import { medianOf, type EntrantRuns, type Results } from './results.ts'
import { spreadOf, type Ratio, type RatioSpec } from './ratios.ts'

const columns = ['contender', 'guarantee', 'workers', 'topic', 'readings/s', 'min..max', 'a worker', 'a CPU second', 'windows/s', 'peak MiB', 'bytes/device', 'start s']
const ratioColumns = ['tidewatch compared with', 'topic', 'median', 'min..max', 'must', 'aim']

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const short = (value: number): string => value.toFixed(2)

/** Everything that the command prints at the end, and puts into the page. */
export function renderReport(results: Results): string {
  const { command, machine, versions, rounds, readings, devices, entrants, ratios, absent } = results
  const rows = ratios.flatMap(({ compression, byName }) => [...byName].map(([spec, ratio]) => ratioRow(spec, ratio, compression)))
  return [
    command,
    machine,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', '),
    `${whole(readings)} readings of ${whole(devices)} devices, ${rounds} round${rounds === 1 ? '' : 's'}; figures are medians over the rounds`,
    '',
    ...renderTable(columns, entrants.map(entrantRow), 4),
    ...(rows.length > 0 ? ['', ...renderTable(ratioColumns, rows, 2)] : []),
    ...(rows.some((row) => row.includes(belowMark)) ? [`${belowMark} below what it must be`] : []),
    ...absent.map(({ name, reason }) => `${name} did not take part: ${reason}`),
  ].join('\n')
}

function entrantRow(one: EntrantRuns): string[] {
  const { name, guarantee, workers } = one.entrant
  const speed = spreadOf(one.runs.map(({ readingsPerSecond }) => readingsPerSecond))
  return [
    name, guarantee === 'None' ? '-' : guarantee, String(workers), one.compression, whole(speed.median), `${whole(speed.min)}..${whole(speed.max)}`, whole(speed.median / workers),
    whole(medianOf(one, 'perCpuSecond')), whole(medianOf(one, 'windowsPerSecond')), whole(medianOf(one, 'peakRssBytes') / 2 ** 20), whole(medianOf(one, 'bytesPerDevice')),
    medianOf(one, 'startUpSeconds').toFixed(1),
  ]
}

const belowMark = '*'

function ratioRow({ name, must, aim }: RatioSpec, { min, median, max }: Ratio, compression: string): string[] {
  const isBelow = must !== undefined && median < must
  return [name, compression, short(median), `${short(min)}..${short(max)}`, must === undefined ? '' : String(must), aim === undefined ? '' : String(aim), ...(isBelow ? [belowMark] : [])]
}

/** @param left so many columns are text and stand to the left. */
function renderTable(titles: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const all = [titles, ...rows]
  const widths = titles.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  return all.map((row) => row.map((cell, i) => (i < left ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ').trimEnd())
}
