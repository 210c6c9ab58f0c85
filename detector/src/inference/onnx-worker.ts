/** The worker thread of `open-network.ts`: loads a network and answers calls, one at a time, for ever. */
import { readFile } from 'node:fs/promises'
import { workerData } from 'node:worker_threads'
import { messageOf } from '@tidewatch/kit'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { openChannel } from './channel.ts'

const { buffer, location } = workerData as { buffer: SharedArrayBuffer; location: string }
const channel = openChannel(buffer)

try {
  const isUrl = /^https?:/.test(location)
  const read = isUrl ? download : (path: string) => readFile(path)
  const session = await InferenceSession.create(await read(location), { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 })
  const calibration = (await read(location.replace(/\.onnx$/, '') + '.json')).toString()
  channel.awaitCall()
  channel.answer('done', calibration)
  // Whoever asked checks the calibration first: it is read no sooner than for the first call.
  let run: (() => Promise<void>) | undefined
  const infer = async () => (run ??= prepare(session, calibration))()
  for (;;) {
    channel.awaitCall()
    await infer().then(
      () => channel.answer('done', ''),
      (error: unknown) => channel.answer('failed', messageOf(error)),
    )
  }
} catch (error) {
  channel.awaitCall()
  channel.answer('failed', messageOf(error))
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

/** One inference from the channel's numbers into those behind them. @throws Error for a network of another shape. */
function prepare(session: InferenceSession, calibrationText: string): () => Promise<void> {
  const { sequence, features } = JSON.parse(calibrationText) as { sequence: number; features: string[] }
  const size = sequence * features.length
  const [inputName] = session.inputNames
  const [outputName] = session.outputNames
  const [metadata] = session.inputMetadata
  if (session.inputNames.length !== 1 || metadata === undefined || !metadata.isTensor || metadata.type !== 'float32') throw new Error('it must take one tensor of float32')
  // A batch of one, flat or as rows of vectors: whatever the network was written for.
  const dimensions = metadata.shape.length === 3 ? [1, sequence, features.length] : [1, size]
  const data = new Float32Array(size)
  return async () => {
    data.set(channel.numbers.subarray(0, size))
    const { [outputName!]: result } = await session.run({ [inputName!]: new Tensor('float32', data, dimensions) })
    const values = result?.data
    if (!(values instanceof Float32Array) || values.length !== size) throw new Error(`it gives ${values?.length ?? 0} numbers for ${size}: it is no autoencoder of ${sequence} x ${features.length}`)
    channel.numbers.set(values, size)
  }
}
