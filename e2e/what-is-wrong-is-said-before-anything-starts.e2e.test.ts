import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root, runCli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'

const folder = useFolder()
const short = 'e2e/manifests/short-hvac.yaml'

test('a manifest with three mistakes: three messages, exit 1, nothing started', async () => {
  const manifest = folder.write(
    'mistakes.yaml',
    `apiVersion: tidewatch.dev/v1alpha1
kind: DetectionPipeline
metadata: { name: mistakes }
spec:
  kafka: { clusterRef: { name: any } }
  source:
    topic: { name: readings, partitons: 4 }
    preset: SensorReading
  window:
    sliding: { size: 60s, slide: 25s }
  detector: {}
  delivery: AtLeastOnce
`,
  )
  const { code, stdout, stderr, seconds } = await runCli(['up', '-f', manifest])
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr.split('\n')).toEqual([
    `${manifest}:7:30: error: spec.source.topic.partitons: is not a field here: did you mean "partitions"?`,
    `${manifest}:10:34: error: spec.window.sliding.slide: the slide does not divide the size: write, for example, size "60s" and slide "10s"`,
    expect.stringMatching(/:11:13: error: spec\.detector: write exactly one of /),
    'Nothing was started.',
    '',
  ])
  expect(seconds).toBeLessThan(10)
})

test('two manifests that contradict each other about a topic', async () => {
  const other = folder.write('other.yaml', readFileSync(join(root, short), 'utf8').replaceAll('name: short-hvac', 'name: other').replaceAll('partitions: 4', 'partitions: 8'))
  const { code, stdout, stderr } = await runCli(['up', '-f', short, other])
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain(`${other}:9:10: error: spec.topic: topic "iot-metrics" has 8 partitions here and 4 in short-hvac: spec.topic (${short}:9): write the same number in both`)
  expect(stderr).toContain('Nothing was started.')
})

test('no broker at the address: the address, how long it was tried, exit 1', async () => {
  // A port that was free a moment ago.
  const server = createServer()
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)))
  await new Promise((resolve) => server.close(resolve))
  const { code, stderr } = await runCli(['up', '-f', short, '--brokers', `127.0.0.1:${port}`])
  expect(code).toBe(1)
  expect(stderr).toContain(`127.0.0.1:${port}`)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/\d+ s\b/)
})

test('an unknown variable with our prefix is refused', async () => {
  const { code, stderr } = await runCli(['validate', '-f', short], { TIDEWATCH_LOGLEVEL: 'debug' })
  expect(code).toBe(1)
  expect(stderr).toBe('error: The environment is not valid: TIDEWATCH_LOGLEVEL: no such setting; the settings are TIDEWATCH_CACHE_DIR, TIDEWATCH_LOG_LEVEL\n')
})

test('no Java: one sentence that says what to install', async () => {
  const { code, stderr } = await runCli(['up', '-f', short], { JAVA_HOME: '/nowhere' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: The embedded Kafka broker needs Java, and .*install .*\n$/)
})

test('no Maven and nothing in the cache: one sentence that says what to install', async () => {
  const java = realpathSync(execFileSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).trim())
  const { code, stderr } = await runCli(['up', '-f', short], { JAVA_HOME: dirname(dirname(java)), PATH: '/nowhere', TIDEWATCH_CACHE_DIR: folder.path('cache') })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .*Maven.*install.*\n$/)
})

test.each([
  ['a file that is not there', ['up', '-f', '/nowhere.yaml'], 'error: /nowhere.yaml: no such file or folder\n'],
  ['a summary that cannot be written', ['up', '-f', short, '--summary', '/proc/summary.json'], 'error: /proc/summary.json: '],
  ['a time in words', ['up', '-f', short, '--for', 'a minute'], 'Write a number with a unit'],
  ['a recording that is none', ['replay', 'package.json'], 'no column looks like a time'],
])('%s is one sentence', async (_, args, sentence) => {
  const { code, stdout, stderr } = await runCli(args)
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain(sentence)
})
