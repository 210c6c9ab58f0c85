import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@tidewatch/kit'
import { afterAll, describe, expect, test } from 'vitest'
import { formatReport, maxReportBytes, writeReport } from './report.ts'
import type { SimulationReport } from './runner.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

const report: SimulationReport = { sent: 7, sendErrors: 1, injected: { spike: 2 }, achievedRate: 3.5, durationMs: 2_000, skippedRows: 0 }

describe('a report', () => {
  test.each<[string, SimulationReport]>([
    ['of a run that ended in order', report],
    ['of a run that failed', { ...report, error: 'There is no topic x' }],
  ])('%s is written whole', (_, given) => {
    expect(JSON.parse(formatReport(given))).toEqual(given)
  })

  test.each(['x', 'ü', '😀', '\u0001'])('fits where the kubelet keeps it, whatever the error says: %j', (letter) => {
    const text = formatReport({ ...report, error: letter.repeat(5_000) })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxReportBytes)
    expect(JSON.parse(text)).toMatchObject(report)
  })

  test('of a recording with many labels keeps the frequent ones, and adds up the rest', () => {
    const injected = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`label-ü-${i}`, i]))
    const text = formatReport({ ...report, injected: { ...injected, others: 5 }, error: 'x'.repeat(5_000) })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxReportBytes)
    const kept = (JSON.parse(text) as SimulationReport).injected
    expect(kept).toMatchObject({ 'label-ü-999': 999, 'label-ü-998': 998 })
    expect(kept).not.toHaveProperty('label-ü-1')
    expect(Object.values(kept).reduce((sum, count) => sum + count, 0)).toBe(499_500 + 5)
  })
})

describe('writeReport', () => {
  test('writes the file', () => {
    const file = join(folder, 'report.json')
    writeReport(file, report, createLogger({ name: 'test', level: 'silent' }))
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report)
  })

  test('does not throw where it cannot', () => {
    expect(() => writeReport(join(folder, 'absent', 'report.json'), report, createLogger({ name: 'test', level: 'silent' }))).not.toThrow()
  })
})
