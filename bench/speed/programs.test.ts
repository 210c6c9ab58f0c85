import { expect, test } from 'vitest'
import { buildPom } from '../pom.ts'
import { findTakeOver } from '../take-over.ts'
import { buildArguments } from './peers.ts'
import { flinkArtifacts, javaVersions } from './poms.ts'
import { MarkedProgram } from './program.ts'

const line = (time: string, partitions: readonly number[]) => JSON.stringify({ level: 'info', time, partitions, kept: 0, dropped: 0, msg: 'Took over partitions' })

test('a detector begins when it takes over its first partitions', () => {
  const log = ['{"msg":"Started detector"}', line('2026-03-04T05:06:07.000Z', []), line('2026-03-04T05:06:09.500Z', [0, 1]), line('2026-03-04T05:06:20.000Z', [0])].join('\n')
  expect(findTakeOver(log)).toBe(Date.parse('2026-03-04T05:06:09.500Z'))
  expect(findTakeOver('{"msg":"Started detector"}')).toBeUndefined()
})

test('a program tells when it began and when it was through; what else it says is kept', async () => {
  const program = new MarkedProgram(process.execPath, ['-e', 'console.log("first 1000\\nhello\\ndone 2000"); console.error("trouble"); setInterval(() => {}, 1000)'])
  try {
    await expect.poll(() => [program.beganMs(), program.endedMs()]).toEqual([1_000, 2_000])
    await expect.poll(() => program.words()).toContain('trouble')
    expect(program.words()).toContain('hello')
    expect(program.words()).not.toContain('first')
    expect(program.pids).toHaveLength(1)
  } finally {
    await program.stop()
  }
  // Harmless when called again.
  await program.stop()
})

test('a program that cannot be started has ended, and says why', async () => {
  const program = new MarkedProgram('no-such-program', [])
  await program.exited
  expect(program.words()).toContain('ENOENT')
  expect(program.pids).toEqual([])
})

test('a job is told as name=value', () => {
  const job = { brokers: 'b:1', topic: 't', output: 'o', group: 'g', guarantee: 'ExactlyOnce', workers: 2, commitIntervalMs: 1_000, sizeMs: 60, slideMs: 10, latenessMs: 2, firstWindowMs: 5, folder: '/f' } as const
  expect(buildArguments(job)).toEqual(['brokers=b:1', 'topic=t', 'output=o', 'group=g', 'guarantee=ExactlyOnce', 'workers=2', 'commitIntervalMs=1000', 'sizeMs=60', 'slideMs=10', 'latenessMs=2', 'firstWindowMs=5', 'folder=/f'])
})

test('Maven is asked for each artifact at one version, and the connector is for our Flink', () => {
  const asked = [...buildPom('speed-peers', flinkArtifacts).matchAll(/<artifactId>([\w-]+)<\/artifactId><version>([\w.-]+)<\/version><\/dependency>/g)].map(([, name, version]) => `${name} ${version}`)
  expect(asked).toEqual(['flink-streaming-java 2.0.1', 'flink-clients 2.0.1', 'flink-connector-base 2.0.1', 'flink-connector-kafka 4.0.1-2.0', 'jackson-core 2.19.0'])
  expect(javaVersions.flinkConnector.split('-')[1]).toBe(javaVersions.flink.split('.').slice(0, 2).join('.'))
})
