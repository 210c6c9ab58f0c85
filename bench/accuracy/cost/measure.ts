import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SeriesModel } from '../judge-series.ts'

/** What keys bring: the vectors of each one's windows. */
export type Keys = readonly (readonly Float64Array[])[]

/** @param key from 0 on. */
export type CreateModel = (key: number) => SeriesModel

export interface Workload {
  keys: Keys
  /** Vectors that a key's model learns before anything is measured. */
  warmUp: number
}

/**
 * Microseconds for a window, score and learn, of models that are warm: one for each key, in turn, as windows close in a partition.
 *
 * @throws Error for a model that cannot judge after the warm-up: nothing of it would be measured.
 */
export function measureMicroseconds(create: CreateModel, { keys, warmUp }: Workload, nowMs: () => number = () => performance.now()): number {
  const models = keys.map((_, key) => create(key))
  const length = Math.min(...keys.map((rows) => rows.length))
  for (let row = 0; row < warmUp; row++) models.forEach((model, key) => model.learn(keys[key]![row]!, 1))
  if (models[0]!.score(keys[0]![warmUp]!) === undefined) throw new Error(`A model that cannot judge after ${warmUp} windows has no cost to measure`)
  const startedMs = nowMs()
  for (let row = warmUp; row < length; row++) {
    for (let key = 0; key < models.length; key++) {
      const model = models[key]!
      const x = keys[key]![row]!
      model.score(x)
      model.learn(x, 1)
    }
  }
  return ((nowMs() - startedMs) * 1_000) / ((length - warmUp) * models.length)
}

/** Microseconds for `JSON.parse` of a reading: what every detector in this language does at least, and what shows how fast the machine is at the moment. */
export function measureParsing(messages: readonly string[], passes: number): number {
  let devices = 0
  const startedMs = performance.now()
  for (let pass = 0; pass < passes; pass++) for (const message of messages) if ((JSON.parse(message) as { value?: number }).value !== undefined) devices++
  if (devices !== passes * messages.length) throw new Error('A reading to parse has no value')
  return ((performance.now() - startedMs) * 1_000) / devices
}

/** Bytes that a warm model holds, on the heap and beside it. @param count models that are made, the keys' vectors again and again. */
export function measureBytes(create: CreateModel, { keys, warmUp }: Workload, count: number): number {
  const warm = (key: number): SeriesModel => {
    const model = create(key)
    for (let row = 0; row < warmUp; row++) model.learn(keys[key % keys.length]![row]!, 1)
    model.score(keys[key % keys.length]![warmUp]!)
    return model
  }
  // The first one pays for what all of them share.
  const models = [warm(0)]
  const before = usedBytes()
  for (let key = 1; key <= count; key++) models.push(warm(key))
  const bytes = (usedBytes() - before) / count
  // Looked at after the measurement, so that they are still there.
  if (models.length !== count + 1) throw new Error('A model was lost')
  return bytes
}

/** What is in use after a collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Twice: buffers are given back after the objects that held them.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
