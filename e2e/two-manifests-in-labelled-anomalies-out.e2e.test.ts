import { mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runCli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'

const folder = useFolder()

test('a fleet and a pipeline run to their end, every reading is processed and the faults are found', async () => {
  mkdirSync(folder.path('tmp'))
  const args = ['up', '-f', 'e2e/manifests/short-hvac.yaml', '--summary', folder.path('out/summary.json'), '--log-dir', folder.path('logs')]
  const result = await runCli(args, { TMPDIR: folder.path('tmp') })
  expect(result.stderr).toBe('')
  expect(result.code).toBe(0)

  const summary = folder.readJson('out/summary.json')
  // Three signals, every ten seconds, for five hours, give or take the jitter at the ends.
  expect(summary['sent']).toBeGreaterThan(5_300)
  expect(summary['sent']).toBeLessThan(5_500)
  expect(summary).toMatchObject({ processed: summary['sent'], deadLetters: 0, late: 0, lag: 0, detectors: 1, restarts: 0, sendErrors: 0 })
  expect(Object.keys(summary)).toEqual(
    expect.arrayContaining(['windows', 'anomalies', 'precision', 'recall', 'byFault', 'latencyMs', 'readingsPerSecond', 'durationMs']),
  )
  expect(summary['byFault']).toMatchObject({ spike: { injected: 3, detected: 3, recall: 1 }, noise: { recall: 1 } })
  expect(summary['precision']).toBeGreaterThan(0.8)
  expect(summary['latencyMs']).toEqual({ p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) })
  const [anomaly] = summary['latestAnomalies'] as Record<string, unknown>[]
  expect(anomaly).toMatchObject({ device: expect.any(String), metric: expect.any(String), window_start: expect.any(String), score: expect.any(Number), groundTruth: expect.any(Array) })

  expect(result.stdout).toMatch(/^anomaly \S+ \S+ RTU-001 supply_air_temp: score .*, truth spike$/m)
  expect(result.stdout).toMatch(/^\d\d:\d\d running: sent /m)
  expect(result.stdout).toMatch(/^spike +3 +3 +1\.00/m)
  expect(readdirSync(folder.path('logs')).sort()).toEqual(['detector-short-hvac-1.log', 'kafka.log', 'simulator-short-hvac.log', 'tidewatch.log'])
  expect(readdirSync(folder.path('tmp'))).toEqual([])
})

test('--for ends a fleet that would go on for ever', async () => {
  const manifest = folder.write(
    'endless.yaml',
    `apiVersion: tidewatch.dev/v1alpha1
kind: DeviceFleet
metadata: { name: endless }
spec:
  kafka: { clusterRef: { name: any } }
  topic: { name: readings, partitions: 2 }
  format: { preset: SensorReading }
  devices: { count: 50 }
  profiles: [{ name: sensor, signals: [{ name: temperature, base: 20 }] }]
  rate: 10
---
apiVersion: tidewatch.dev/v1alpha1
kind: DetectionPipeline
metadata: { name: endless }
spec:
  kafka: { clusterRef: { name: any } }
  source: { topic: { name: readings, partitions: 2 }, preset: SensorReading }
  window: { tumbling: { size: 1s }, allowedLateness: 1s, idleTimeout: 2s }
  detector: { robustZScore: {} }
  delivery: AtLeastOnce
`,
  )
  const result = await runCli(['up', '-f', manifest, '--for', '5s', '--min-replicas', '2', '--summary', folder.path('endless.json')])
  expect(result.code).toBe(0)
  const summary = folder.readJson('endless.json')
  // The last windows close by themselves when the devices fall silent, and are waited for.
  expect(summary).toMatchObject({ processed: summary['sent'], detectors: 2, windowsOpen: 0, precision: null, recall: null, byFault: {} })
  expect(result.stdout).toContain('No reading carried a label of a fault')
})
