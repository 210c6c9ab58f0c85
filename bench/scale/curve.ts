/** One panel of a drawing: a curve on two logarithmic axes. */
export interface Panel {
  title: string
  xLabel: string
  points: readonly (readonly [x: number, y: number])[]
  /** How a value is written beside its point. */
  format: (y: number) => string
  /** The slope on logarithmic axes, written below the title; undefined where there is none. */
  exponent: number | undefined
}

const panelWidth = 300
const height = 240
/** Room for the title above, numbers below, and the axis at the left. */
const frame = { left: 28, right: 34, top: 56, bottom: 44 }

/**
 * Draws panels beside each other as SVG: decades as grid lines, each point with its value. The same panels give the same bytes.
 *
 * @throws RangeError where a coordinate is not above 0.
 */
export function drawCurves(panels: readonly Panel[]): string {
  const width = panels.length * panelWidth
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="#57606a">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, i) => `<g transform="translate(${i * panelWidth} 0)">${drawPanel(panel)}</g>`),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, xLabel, points, format, exponent }: Panel): string {
  if (points.some(([x, y]) => !(x > 0 && y > 0))) throw new RangeError(`${title}: a value that is not above 0 has no place on a logarithmic axis`)
  const xOf = scale(points.map(([x]) => x), frame.left, panelWidth - frame.right)
  const yOf = scale(points.map(([, y]) => y), height - frame.bottom, frame.top)
  const place = ([x, y]: readonly [number, number]) => `${round(xOf.at(x))},${round(yOf.at(y))}`
  const vertical = xOf.decades.map((x) => `<path d="M${round(xOf.at(x))} ${frame.top}V${height - frame.bottom}" stroke="#d0d7de"/>`)
  const horizontal = yOf.decades.map((y) => `<path d="M${frame.left} ${round(yOf.at(y))}H${panelWidth - frame.right}" stroke="#d0d7de"/>`)
  return [
    `<text x="${frame.left}" y="20" font-size="13" font-weight="600" fill="#1f2328">${escapeXml(title)}</text>`,
    ...(exponent === undefined ? [] : [`<text x="${frame.left}" y="36">grows as x to the power ${exponent.toFixed(2)}</text>`]),
    ...vertical,
    ...horizontal,
    `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="#0969da" stroke-width="2"/>`,
    ...points.map(([x, y]) => `<circle cx="${round(xOf.at(x))}" cy="${round(yOf.at(y))}" r="3" fill="#0969da"/><text x="${round(xOf.at(x))}" y="${round(yOf.at(y) - 8)}" text-anchor="middle">${escapeXml(format(y))}</text>`),
    ...points.map(([x]) => `<text x="${round(xOf.at(x))}" y="${height - frame.bottom + 16}" text-anchor="middle">${shorten(x)}</text>`),
    `<text x="${round((frame.left + panelWidth - frame.right) / 2)}" y="${height - 10}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
  ].join('')
}

/** A logarithmic axis from one place to another, over the decades that hold all values. */
function scale(values: readonly number[], from: number, to: number): { at: (value: number) => number; decades: number[] } {
  const logs = values.map(Math.log10)
  const least = Math.floor(Math.min(...logs) + 1e-9)
  const most = Math.max(least + 1, Math.ceil(Math.max(...logs) - 1e-9))
  return {
    at: (value) => from + ((Math.log10(value) - least) / (most - least)) * (to - from),
    decades: Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i)),
  }
}

const round = (value: number): number => Math.round(value * 10) / 10
const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** 1,000 as 1k, 1,000,000 as 1M. */
export function shorten(value: number): string {
  for (const [unit, name] of [[1e6, 'M'], [1e3, 'k']] as const) if (value >= unit) return `${Number((value / unit).toPrecision(3))}${name}`
  return String(Number(value.toPrecision(3)))
}
