import { expect, test } from 'vitest'
import type { Series } from '../contender.ts'
import { PeerProcess } from './peer-process.ts'

const series = (name: string): Series => ({ name, columns: ['value'], rows: [Float64Array.of(3), Float64Array.of(4)], timesMs: Float64Array.of(0, 1), training: 0 })

/** A peer in a line of shell: `read` takes a series, `echo` answers. */
const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script] })
const answer = (name: string) => `echo '{"name":"${name}","scores":[1,2],"flags":null}'`

test('series are answered one after the other by one process', async () => {
  const peer = await PeerProcess.start('one', shell(`echo ready; read -r _; ${answer('a')}; read -r _; ${answer('b')}; read -r _`))
  expect(await peer.score(series('a'))).toEqual({ scores: Float64Array.of(1, 2), flags: undefined })
  expect(await peer.score(series('b'))).toEqual({ scores: Float64Array.of(1, 2), flags: undefined })
  await peer.close()
})

test('a peer that does not start says why, with its last words', async () => {
  await expect(PeerProcess.start('one', shell('echo Traceback >&2; echo "ModuleNotFoundError: river" >&2; exit 3'))).rejects.toThrow(
    'one could not start: it ended with 3: ModuleNotFoundError: river',
  )
})

test('a program that is not there is told', async () => {
  await expect(PeerProcess.start('one', { command: '/nowhere/python', args: [] })).rejects.toThrow('one could not start: spawn /nowhere/python ENOENT')
})

test('a peer that dies over a series is told with the name of the series', async () => {
  const peer = await PeerProcess.start('one', shell('echo ready; read -r _; echo "out of memory" >&2; exit 9'))
  await expect(peer.score(series('a'))).rejects.toThrow('one could not score a: it ended with 9: out of memory')
  await peer.close()
})
