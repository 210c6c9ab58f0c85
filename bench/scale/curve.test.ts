import { expect, test } from 'vitest'
import { drawCurves, shorten } from './curve.ts'

const panel = { title: 'bytes < 1 KiB & more', xLabel: 'devices', points: [[1_000, 20], [100_000, 200]] as const, format: (y: number) => `${y} B`, exponent: 0.5 }

test('points lie where their logarithms are, with their values beside them', () => {
  const svg = drawCurves([panel])
  // x over two decades from 28 to 266, y over two from 196 up to 56: 20 is at log 1.3, 200 at log 2.3.
  expect(svg).toContain('<polyline points="28,174.9 266,104.9"')
  expect(svg).toContain('<text x="28" y="166.9" text-anchor="middle">20 B</text>')
  expect(svg).toContain('text-anchor="middle">100k</text>')
  expect(svg).toContain('bytes &lt; 1 KiB &amp; more')
  expect(svg).toContain('grows as x to the power 0.50')
  expect(svg.match(/stroke="#d0d7de"/g)).toHaveLength(3 + 3)
})

test('panels stand beside each other, and the same ones give the same bytes', () => {
  const svg = drawCurves([panel, { ...panel, exponent: undefined }])
  expect(svg).toContain('viewBox="0 0 600 240"')
  expect(svg).toContain('<g transform="translate(300 0)">')
  expect(svg.match(/to the power/g)).toHaveLength(1)
  expect(drawCurves([panel, { ...panel, exponent: undefined }])).toBe(svg)
})

test('a flat curve has a decade too', () => {
  expect(drawCurves([{ ...panel, points: [[1_000, 100], [10_000, 100]] }])).toContain('<polyline points="28,196 266,196"')
})

test('what has no logarithm is refused', () => {
  expect(() => drawCurves([{ ...panel, points: [[1, 0]] }])).toThrow('bytes < 1 KiB & more: a value that is not above 0 has no place on a logarithmic axis')
})

test.each([[1_000, '1k'], [250_000, '250k'], [1e6, '1M'], [64, '64'], [1_234_567, '1.23M']])('%d is written as %s', (value, text) => {
  expect(shorten(value)).toBe(text)
})
