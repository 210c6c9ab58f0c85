import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import { mulberry32 } from '@tidewatch/kit'
import { averageOver, writeTinyNetwork } from '../testing/tiny-network.ts'
import { openNetwork } from './open-network.ts'

const features = ['mean', 'stddev']
const sequence = 5
const path = writeTinyNetwork(features, sequence)
const folder = dirname(path)
afterAll(() => rmSync(folder, { recursive: true }))

/** A file of this name beside the network, changed. */
function variant(name: string, change: (calibration: Record<string, unknown>) => Record<string, unknown>): string {
  copyFileSync(path, join(folder, `${name}.onnx`))
  const calibration = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8')) as Record<string, unknown>
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(change(calibration)))
  return join(folder, `${name}.onnx`)
}

test('what ONNX Runtime makes of a sequence is what the network says, call after call', () => {
  const network = openNetwork(path, sequence)
  expect(network.calibration).toMatchObject({ sequence, features })
  const uniform = mulberry32(1)
  const weights = averageOver(sequence, features.length)
  const output = new Float32Array(10)
  for (let call = 0; call < 100; call++) {
    const input = Float32Array.from({ length: 10 }, () => uniform() * 4 - 2)
    network.reconstruct(input, output)
    output.forEach((value, to) => expect(value).toBeCloseTo(input.reduce((sum, x, from) => sum + x * weights[from * 10 + to]!, 0), 5))
  }
})

test('two networks beside each other do not mix their answers', () => {
  const [one, other] = [openNetwork(path, sequence), openNetwork(path, sequence)]
  const [a, b] = [new Float32Array(10), new Float32Array(10)]
  one.reconstruct(new Float32Array(10).fill(1), a)
  other.reconstruct(new Float32Array(10).fill(3), b)
  expect([a[0], b[0]]).toEqual([expect.closeTo(1, 5), expect.closeTo(3, 5)])
})

test('a network and its calibration come from a web server as well', async () => {
  // A thread of its own: whoever opens a network waits, and could not serve it meanwhile.
  const server = new Worker(
    `const { createServer } = require('node:http'); const { readFileSync } = require('node:fs'); const { parentPort } = require('node:worker_threads')
     const server = createServer((request, response) => { try { response.end(readFileSync(${JSON.stringify(folder)} + request.url)) } catch { response.statusCode = 404; response.end() } })
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  const port = await new Promise<number>((resolve) => server.once('message', resolve))
  try {
    expect(openNetwork(`http://127.0.0.1:${port}/tiny.onnx`, sequence).calibration.features).toEqual(features)
    expect(() => openNetwork(`http://127.0.0.1:${port}/other.onnx`, sequence)).toThrow(`The autoencoder http://127.0.0.1:${port}/other.onnx cannot be used: http://127.0.0.1:${port}/other.onnx answered 404.`)
  } finally {
    await server.terminate()
  }
})

test.each([
  ['a file that is not there', () => join(folder, 'absent.onnx'), /absent\.onnx cannot be used: ENOENT.*Give the path or URL of an ONNX file with its calibration beside it/],
  ['a file that is no network', () => (writeFileSync(join(folder, 'text.onnx'), 'no network'), join(folder, 'text.onnx')), /text\.onnx cannot be used: .*protobuf/i],
  ['a calibration without a limit', () => variant('no-limit', ({ limits: _limits, ...rest }) => rest), /calibration of the autoencoder .*no-limit\.onnx is not one: limits: .*Train it again/],
  ['a calibration of a later version', () => variant('later', (calibration) => ({ ...calibration, version: 2 })), /later\.onnx is not one: version: /],
  ['another sequence than the manifest\'s', () => variant('longer', (calibration) => ({ ...calibration, sequence: 7 })), /takes sequences of 7 windows and the manifest says 5: write sequence: 7/],
])('%s is refused with a sentence', (_title, prepare, message) => {
  expect(() => openNetwork(prepare(), sequence)).toThrow(message)
})

test('a network of another shape than its calibration says is refused at the first call', () => {
  const network = openNetwork(variant('shape', (calibration) => ({ ...calibration, features: ['mean', 'stddev', 'max'] })), sequence)
  expect(() => network.reconstruct(new Float32Array(15), new Float32Array(15))).toThrow(/cannot be used: .*dimension/i)
})
