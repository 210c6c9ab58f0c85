import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DetectorConfig } from '@tidewatch/api'
import { modelNames } from '@tidewatch/api'
import { afterAll, afterEach, expect, test } from 'vitest'
import { aRunner, fill, startMs, stopRunners, valuesOf } from '../testing/exactly-once-runner.ts'
import { FakeBroker, FakeLog } from '../testing/fake-kafka.ts'
import { writeTinyNetwork } from '../testing/tiny-network.ts'

const network = writeTinyNetwork(['mean', 'stddev', 'min', 'max', 'count', 'range'], 10)
afterAll(() => rmSync(dirname(network), { recursive: true }))
afterEach(stopRunners)

/** Each model, small enough to have judged, forgotten and refitted within the test. */
const models = {
  microClusters: { kind: 'microClusters', parameters: { warmUp: 5 } },
  randomCutForest: { kind: 'randomCutForest', parameters: { warmUp: 8, trees: 8, sampleSize: 16, shingleSize: 2 } },
  halfSpaceTrees: { kind: 'halfSpaceTrees', parameters: { warmUp: 5, windowSize: 12 } },
  robustZScore: { kind: 'robustZScore', parameters: { warmUp: 5, window: 12 } },
  seasonal: { kind: 'seasonal', parameters: { warmUp: 5, period: 7 } },
  subspace: { kind: 'subspace', parameters: { warmUp: 12, window: 16 } },
  discord: { kind: 'discord', parameters: {} },
  autoencoder: { kind: 'autoencoder', parameters: { model: network, sequence: 10 } },
  ensemble: { kind: 'ensemble', parameters: { mode: 'Mean', members: [{ kind: 'microClusters', parameters: { warmUp: 5 } }, { kind: 'halfSpaceTrees', parameters: { warmUp: 5 } }] } },
} satisfies Record<(typeof modelNames)[number], DetectorConfig['model']>

const records = 1_200

/** Two devices, every reading a second, windows of four seconds: 300 windows, some with a fault. */
function aBroker(): FakeBroker {
  const broker = new FakeBroker('readings')
  fill(broker, 0, records)
  return broker
}

async function uninterrupted(model: DetectorConfig['model']): Promise<string[]> {
  const broker = aBroker()
  const { source, settle, stop } = aRunner(broker, new FakeLog(), { model })
  await source.assign([0])
  await source.deliver()
  await settle()
  await stop()
  return valuesOf(broker)
}

test('events of clusters are there once, too, and say the same', async () => {
  const given = { model: { kind: 'microClusters' as const, parameters: { warmUp: 5, decay: 40 } }, outputs: { anomalies: 'anomalies', deadLetters: 'dead', clusterEvents: 'clusters' } }
  const throughFailures = async (parts: number, failing: boolean): Promise<string[]> => {
    const broker = new FakeBroker('readings')
    // Now and then another level for a while: a regime is born, and dies.
    for (let second = 0; second < records; second++) {
      const timestampMs = startMs + second * 1_000
      const value = { sensor_id: 'd', timestamp: new Date(timestampMs).toISOString(), metric: 't', value: 20 + ((second * 7) % 11) / 10 + (second % 500 > 250 ? 40 : 0) }
      broker.append(0, { value: Buffer.from(JSON.stringify(value)), timestampMs })
    }
    const state = new FakeLog()
    let commits = 0
    if (failing) broker.onTransaction = () => (['refused', undefined, 'unanswered', undefined] as const)[commits++ % 4]
    for (let part = 0; part < parts; part++) {
      const { source, settle, stop } = aRunner(broker, state, given)
      await source.assign([0])
      await settle()
      for (let i = 0; i < 4; i++) {
        await source.deliver(0, records / parts / 4)
        await settle()
      }
      await stop()
    }
    expect(broker.committed.get(0)?.offset).toBe(records)
    return valuesOf(broker).filter((line) => line.startsWith('clusters '))
  }
  const expected = await throughFailures(1, false)
  const kinds = expected.map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { kind: string }).kind)
  expect(kinds.slice(0, 2)).toEqual(['born', 'born'])
  expect(await throughFailures(5, true)).toEqual(expected)
})

test.each(modelNames)('%s: through commits that fail and detectors that take over, every verdict is there once, with the same score to the bit', async (name) => {
  const model: DetectorConfig['model'] = models[name]
  const expected = await uninterrupted(model)
  const scores = expected.filter((line) => line.startsWith('scores '))
  expect(scores.length).toBeGreaterThan(150)
  expect(new Set(scores.map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { anomaly_score: number }).anomaly_score)).size).toBeGreaterThan(50)

  const broker = aBroker()
  const state = new FakeLog()
  let commits = 0
  broker.onTransaction = () => (['refused', undefined, 'unanswered', undefined] as const)[commits++ % 4]
  for (let part = 0; part < 5; part++) {
    const { source, settle, stop } = aRunner(broker, state, { model })
    await source.assign([0])
    await settle()
    for (let i = 0; i < 4; i++) {
      await source.deliver(0, records / 20)
      await settle()
    }
    await stop()
  }
  expect(broker.committed.get(0)?.offset).toBe(records)
  expect(valuesOf(broker)).toEqual(expected)
})
