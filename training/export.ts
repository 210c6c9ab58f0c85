/**
 * Writes the sequences that an autoencoder is trained on:
 *
 *     node training/export.ts --out out/model/sequences.json [--manifests FILE | --scores FILE] [--sequence 50] [--seeds 3]
 *
 * From a fleet and a pipeline in one file (default: the sample of 10,000 sensors), simulated without faults; or from what a pipeline wrote to its scores topic, as JSON lines.
 */
import { openSync, closeSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { messageOf } from '@tidewatch/kit'
import { readSystem } from '../bench/read-system.ts'
import { feedRecorded } from './recorded.ts'
import { SequenceGatherer } from './sequences.ts'
import { feedSimulated } from './simulated.ts'

const { values } = parseArgs({
  options: {
    manifests: { type: 'string', default: 'config/samples/valid/sensors-10k.yaml' },
    scores: { type: 'string' },
    sequence: { type: 'string', default: '50' },
    seeds: { type: 'string', default: '3' },
    out: { type: 'string', default: 'out/model/sequences.json' },
  },
})

try {
  await run()
} catch (error) {
  console.error(`export: ${messageOf(error)}`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const sequence = wholeNumber('sequence', 2)
  const numbersFile = values.out.replace(/\.json$/, '') + '.f32'
  checkWritable(values.out)
  const [training, validation] = [new SequenceGatherer(sequence), new SequenceGatherer(sequence)]
  if (values.scores === undefined) {
    const system = readSystem(values.manifests)
    const seeds = wholeNumber('seeds', 1)
    for (let seed = 1; seed <= seeds; seed++) feedSimulated(system, seed, training)
    // Devices that the network has not seen.
    feedSimulated(system, seeds + 1, validation)
  } else await feedRecorded(values.scores, training, validation)

  const file = openSync(numbersFile, 'w')
  for (const input of [...training.gathered, ...validation.gathered]) writeSync(file, new Uint8Array(input.buffer))
  closeSync(file)
  const source = values.scores ?? values.manifests
  writeJson(values.out, { sequence, features: training.features ?? [], training: training.gathered.length, validation: validation.gathered.length, source })
  console.log(`${training.gathered.length} sequences to train on, ${validation.gathered.length} to calibrate with, of ${sequence} windows of ${(training.features ?? []).join(', ')}`)
}

function wholeNumber(name: 'sequence' | 'seeds', least: number): number {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new Error(`--${name} is ${values[name]}: give a whole number from ${least}`)
}
