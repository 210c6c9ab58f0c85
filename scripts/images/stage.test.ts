import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { isWanted } from './base.ts'
import { buildSettings } from './build.ts'
import { hashTexts } from './content-key.ts'
import { stageKafkaEntry } from './kafka.ts'
import { appNames, repository, stageApp } from './stage.ts'

// Each copies some thousand files, and the machine may be at other work.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-stage-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a program of an image's folder with nothing in its environment. */
async function runBare(file: string): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [file], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  return { code, said: Buffer.concat(said).toString() }
}

test.each([
  ['detector', 'TIDEWATCH_CONFIG_FILE'],
  ['simulator', 'TIDEWATCH_CONFIG_FILE'],
  ['operator', 'TIDEWATCH_'],
] as const)('the %s finds every module it imports, and says what its environment lacks', async (app, variable) => {
  const out = join(folder, app)
  await stageApp(app, out)
  const { code, said } = await runBare(join(out, `app/${app}/src/main.ts`))
  expect(said).toContain(variable)
  expect(said).not.toContain('Cannot find')
  expect(code).toBe(1)
})

test.each(appNames)('the %s image holds no tests, no types and no documents', (app) => {
  const files = readdirSync(join(folder, app), { recursive: true, encoding: 'utf8' })
  expect(files.filter((path) => /\.test\.ts$|\.d\.ts$|\.map$|\/testing\//.test(path))).toEqual([])
  const forbidden = ['node_modules/vitest', 'node_modules/typescript', 'node_modules/eslint', 'packages/cli']
  expect(forbidden.filter((path) => files.includes(`app/${path}`))).toEqual([])
})

test.each(['detector', 'simulator'])('the %s image holds nothing of Kubernetes', (app) => {
  const files = readdirSync(join(folder, app), { recursive: true, encoding: 'utf8' })
  expect(files.filter((path) => /@kubernetes\/|packages\/kube/.test(path))).toEqual([])
})

test('the Kafka pod finds its modules too', async () => {
  await stageKafkaEntry(join(folder, 'kafka'))
  const { said } = await runBare(join(folder, 'kafka/app/e2e/images/kafka/main.ts'))
  expect(said).toContain('KAFKA_HOST is not set: the name of the Service in front of this pod')
})

test.each([
  ['usr/lib/x86_64-linux-gnu/libc.so.6', true],
  ['usr/share/zoneinfo/Europe/Berlin', true],
  ['usr/share/doc/libc6/copyright', true],
  ['usr/share/doc/libc6/changelog.gz', false],
  ['usr/share/man/man5/hosts.5.gz', false],
  ['usr/lib/x86_64-linux-gnu/gconv/BIG5.so', false],
  ['var/lib/dpkg/status', false],
])('%s is in the base: %s', (path, expected) => {
  expect(isWanted(path)).toBe(expected)
})

test('a key depends on where one text ends and the next begins', () => {
  expect(hashTexts(['ab', 'c'])).not.toBe(hashTexts(['a', 'bc']))
})

test('a container is started by Node without a shell', () => {
  expect(buildSettings('detector', '0.1.0')).toEqual({
    entrypoint: ['node', '--max-old-space-size-percentage=50', '/app/detector/src/main.ts'],
    environment: ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_ENV=production', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
    workingDir: '/app',
    ports: [8080],
    labels: { 'org.opencontainers.image.title': 'tidewatch-detector', 'org.opencontainers.image.version': '0.1.0', 'org.opencontainers.image.licenses': 'Apache-2.0' },
  })
})

test.each(['operator', 'detector', 'simulator'] as const)('the %s starts alike from the Dockerfile', (name) => {
  const { entrypoint } = buildSettings(name, '0.1.0')
  const [, target] = readFileSync(join(repository, 'images/Dockerfile'), 'utf8').split(`FROM app AS ${name}\n`)
  expect(JSON.parse(/^ENTRYPOINT (.*)$/m.exec(target!)![1]!)).toEqual(entrypoint)
})
