import { Worker } from 'node:worker_threads'
import { defineError } from '@tidewatch/kit'
import * as z from 'zod'
import type { Calibration, Network } from '../models/autoencoder/network.ts'
import { channelBytes, openChannel, type Channel } from './channel.ts'

/** A network that cannot be loaded or run: where, what, and what to do. */
export const NetworkUnusable = defineError('NETWORK_UNUSABLE', { retry: 'never' })

/** Long enough for a download; a file takes milliseconds. */
const openWithinMs = 60_000
/** An inference takes microseconds: one that takes so long will not come back. */
const runWithinMs = 10_000

const positive = z.number().positive()
const calibration = z.object({
  version: z.literal(1),
  sequence: z.int().min(2).max(1_000),
  features: z.array(z.string()).min(1).max(1_024),
  limits: z.object({ last: positive, sequence: positive }),
  quantile: z.number().gt(0).lt(1),
  trainedOn: z.object({ sequences: z.int(), validation: z.int(), source: z.string() }),
})

/**
 * Loads an ONNX network with the calibration beside it (`<location without .onnx>.json`) and runs it by ONNX Runtime on one thread.
 *
 * The runtime answers asynchronously, and a window is judged in one synchronous stretch. So the network lives in a worker thread, and whoever asks waits
 * for its answer: about 20 microseconds for a small network.
 *
 * @param location path of the .onnx file on this machine, or its http(s) URL.
 * @param sequence vectors in one input, as the manifest says.
 * @throws NetworkUnusable
 */
export function openNetwork(location: string, sequence: number): Network {
  const buffer = new SharedArrayBuffer(channelBytes)
  const channel = openChannel(buffer)
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData: { buffer, location } })
  // Nothing waits for it at the end, and an error of its own is told by the channel.
  worker.unref()
  worker.on('error', () => {})
  const said = ask(channel, location, openWithinMs)
  const read = readCalibration(said, location)
  if (read.sequence !== sequence) {
    throw new NetworkUnusable(`The autoencoder ${location} takes sequences of ${read.sequence} windows and the manifest says ${sequence}: write sequence: ${read.sequence}`)
  }
  const size = read.sequence * read.features.length
  const input = channel.numbers.subarray(0, size)
  const output = channel.numbers.subarray(size, 2 * size)
  return {
    calibration: read,
    reconstruct: (from, into) => {
      input.set(from)
      ask(channel, location, runWithinMs)
      into.set(output)
    },
  }
}

/** Wakes the worker and waits for its answer. @returns the text that it left. */
function ask(channel: Channel, location: string, withinMs: number): string {
  const answer = channel.ask(withinMs)
  if (answer.kind === 'done') return answer.text
  const what = answer.kind === 'silent' ? `gave no answer within ${withinMs / 1_000} s` : answer.text
  throw new NetworkUnusable(`The autoencoder ${location} cannot be used: ${what}. Give the path or URL of an ONNX file with its calibration beside it (make model writes both).`)
}

function readCalibration(text: string, location: string): Calibration {
  const parsed = calibration.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new NetworkUnusable(`The calibration of the autoencoder ${location} is not one: ${issue!.path.join('.')}: ${issue!.message}. Train it again (make model).`)
}
