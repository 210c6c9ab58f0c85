import { connect } from 'node:net'
import { aRequest } from '../proxy/a-request.ts'
import { FrameSplitter } from '../proxy/frames.ts'

const answerTimeoutMs = 30_000

/**
 * Asks a broker of the loopback one question over a connection of its own, and gives the body of the answer.
 *
 * @param body of the request, in a version that is not flexible.
 * @throws where the connection breaks or nothing comes for 30 s.
 */
export function ask(port: number, { apiKey, apiVersion }: { apiKey: number; apiVersion: number }, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: answerTimeoutMs })
    const splitter = new FrameSplitter()
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(`The broker at port ${port} did not answer request ${apiKey}: ${reason}`))
    }
    socket.on('connect', () => socket.write(aRequest(apiKey, body, { apiVersion, clientId: null })))
    socket.on('data', (chunk) => {
      const [frame] = splitter.push(chunk)
      if (frame === undefined) return
      socket.destroy()
      // Its size and the correlation id.
      resolve(frame.subarray(8))
    })
    socket.on('timeout', () => fail('nothing came for 30 s'))
    socket.on('error', ({ message }) => fail(message))
    socket.on('close', () => fail('it closed the connection'))
  })
}
