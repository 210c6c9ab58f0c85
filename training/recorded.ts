import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { features as featureRegistry } from '../detector/src/features/registry.ts'
import type { FeatureDescriptor } from '../detector/src/models/model.ts'
import type { SequenceGatherer } from './sequences.ts'

/** One device in so many is kept for calibration. */
export const validationShare = 5

interface Line {
  sensor_id?: string
  device_id?: string
  metric: string | null
  window_end: string
  is_anomaly: boolean
  features: Record<string, number>
}

/**
 * Feeds what a pipeline wrote to its scores topic, as JSON lines in the order of the topic: every fifth device goes to `validation`, the others to `training`.
 * Windows that were judged anomalous are left out.
 *
 * @throws Error naming the line that is no verdict.
 */
export async function feedRecorded(file: string, training: SequenceGatherer, validation: SequenceGatherer): Promise<void> {
  const takeByKey = new Map<string, (x: Float64Array) => void>()
  let number = 0
  for await (const text of createInterface({ input: createReadStream(file) })) {
    number++
    if (text.trim() === '') continue
    const line = readLine(text, `${file}:${number}`)
    const names = Object.keys(line.features)
    if (names.length === 0 || line.is_anomaly) continue
    const key = JSON.stringify([line.sensor_id ?? line.device_id, line.metric])
    let take = takeByKey.get(key)
    if (take === undefined) {
      const gatherer = takeByKey.size % validationShare === validationShare - 1 ? validation : training
      takeByKey.set(key, (take = gatherer.begin(names.map((name) => describe(name, `${file}:${number}`)))))
    }
    take(Float64Array.from(names, (name) => line.features[name]!))
  }
}

function readLine(text: string, where: string): Line {
  try {
    const line = JSON.parse(text) as Line
    if (typeof line.features === 'object' && (line.sensor_id ?? line.device_id) !== undefined) return line
  } catch {
    // Told below, with its place.
  }
  throw new Error(`${where} is no verdict: give the records of a scores topic, a line each (kafka-console-consumer writes them so)`)
}

/** `temperature.mean` scatters as `mean` does. */
function describe(name: string, where: string): FeatureDescriptor {
  const feature = featureRegistry[name.slice(name.lastIndexOf('.') + 1) as keyof typeof featureRegistry]
  if (feature === undefined) throw new Error(`${where}: ${name} is no feature of a window; a pipeline without windows has no sequences to learn`)
  return { name, scale: feature.scale }
}
