import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runCli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'

const folder = useFolder()
const startMs = Date.parse('2014-02-14T14:30:00Z')
const timeAt = (row: number) => new Date(startMs + row * 300_000).toISOString().slice(0, 19).replace('T', ' ')

/** A quiet series with one burst, five minutes a row, in the layout of the Numenta Anomaly Benchmark. */
const series = (burstAt: number): string =>
  ['timestamp,value', ...Array.from({ length: 600 }, (_, i) => `${timeAt(i)},${(50 + 2 * Math.sin(i * 1.7) + (i >= burstAt && i < burstAt + 6 ? 40 : 0)).toFixed(3)}`)].join('\n')

mkdirSync(folder.path('data/mine'), { recursive: true })
mkdirSync(folder.path('labels'))
const labelled = folder.write('data/mine/labelled.csv', series(400))
const unknown = folder.write('data/mine/unknown.csv', series(300))
folder.write('labels/combined_windows.json', JSON.stringify({ 'mine/labelled.csv': [[`${timeAt(390)}.000000`, `${timeAt(420)}.000000`]] }))

test('recordings of their own time are replayed through Kafka, and labels are found beside them', async () => {
  const { code, stdout, stderr } = await runCli(['replay', labelled, unknown, '--summary', folder.path('replay.json')])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^labelled\.csv +600 +1 +1 +0 /m)
  expect(stdout).toMatch(/^unknown\.csv +600 +- +- +1 /m)
  expect(folder.readJson('replay.json')).toMatchObject({ sent: 1_200, processed: 1_200, late: 0, deadLetters: 0, total: { labelled: 1, found: 1, readings: 1_200 } })
})

test('a result that does not fit on the disk is one sentence', async () => {
  const { code, stderr } = await runCli(['replay', labelled, '--window', '30m/10m', '--summary', '/dev/full'])
  expect(code).toBe(1)
  expect(stderr).toBe('error: /dev/full: the disk is full\n')
})
