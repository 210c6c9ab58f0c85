import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { afterAll, expect, test } from 'vitest'
import { feedRecorded } from './recorded.ts'
import { SequenceGatherer } from './sequences.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-training-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, lines: readonly (object | string)[]): string {
  const file = join(folder, name)
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return file
}

/** What a scores topic holds of ten devices, a window each in turn; every seventh was judged anomalous. */
function recorded(windows: number): object[] {
  const uniform = mulberry32(1)
  return Array.from({ length: windows * 10 }, (_, i) => {
    const mean = (i % 10) * 100 + gaussian(uniform)
    return { sensor_id: `s${i % 10}`, metric: 't', window_end: '2026-01-01T00:00:00Z', is_anomaly: Math.floor(i / 10) % 7 === 6, features: { mean: i % 70 >= 60 ? 1e6 : mean, stddev: 1 + uniform() } }
  })
}

test('sequences are those of the normal windows, centred and in each device\'s own scale; every fifth device is kept apart', async () => {
  const [training, validation] = [new SequenceGatherer(8), new SequenceGatherer(8)]
  await feedRecorded(write('scores.jsonl', recorded(280)), training, validation)
  expect(training.features).toEqual(['mean', 'stddev'])
  // 240 normal windows each: the scales take 30, one sequence in ten of the others is kept.
  expect([training.gathered.length, validation.gathered.length]).toEqual([8 * 21, 2 * 21])
  for (const { length } of [...training.gathered, ...validation.gathered]) expect(length).toBe(16)
  const all = training.gathered.flatMap((sequence) => [...sequence])
  // Whatever the devices' levels, and without the windows that were judged anomalous.
  expect(Math.max(...all.map(Math.abs))).toBeLessThan(8)
})

test.each([
  ['no JSON', 'kafka said something', /scores-bad\.jsonl:2 is no verdict: give the records of a scores topic, a line each/],
  ['another record', { value: 5 }, /scores-bad\.jsonl:2 is no verdict/],
  ['a reading without a window', { sensor_id: 's', metric: 't', is_anomaly: false, features: { t: 5 } }, /scores-bad\.jsonl:2: t is no feature of a window; a pipeline without windows has no sequences to learn/],
  ['windows of other features', { sensor_id: 'other', metric: 't', is_anomaly: false, features: { max: 5 } }, /A network takes one kind of vector, and there are two: of mean, stddev, and of max\./],
])('%s is told with its line', async (_, line, message) => {
  const file = write('scores-bad.jsonl', [recorded(1)[0]!, line])
  await expect(feedRecorded(file, new SequenceGatherer(8), new SequenceGatherer(8))).rejects.toThrow(message)
})
