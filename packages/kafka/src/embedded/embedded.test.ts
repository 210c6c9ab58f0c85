import { expect, test } from 'vitest'
import { readEmbeddedConfig } from './config.ts'
import { findFreePorts, isPortFree } from './free-ports.ts'
import { parseJavaVersion } from './java.ts'
import { buildServerProperties } from './server-properties.ts'

test.each([
  ['openjdk version "17.0.15" 2025-04-15', { full: '17.0.15', major: 17 }],
  ['java version "1.8.0_392"', { full: '1.8.0_392', major: 8 }],
  ['openjdk version "21" 2023-09-19', { full: '21', major: 21 }],
  ['openjdk version "25-ea" 2025-09-16', { full: '25-ea', major: 25 }],
  ['no version here', undefined],
])('%s', (text, version) => {
  expect(parseJavaVersion(text)).toEqual(version)
})

test("the caller's lines of configuration win", () => {
  const settings = { port: 1, controllerPort: 2, dataDir: '/d', config: { 'num.partitions': '9', own: 'x' } }
  const lines = buildServerProperties(settings).split('\n')
  expect(lines).toContain('num.partitions=9')
  expect(lines).not.toContain('num.partitions=1')
  expect(lines).toContain('own=x')
  expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:1')
})

test('each listener is listened on, told to clients and mapped to its protocol', () => {
  const extraListeners = [
    { name: 'SASL_SSL', protocol: 'SASL_SSL', address: '127.0.0.1:3' },
    { name: 'BEHIND', protocol: 'PLAINTEXT', address: '127.0.0.1:4', advertised: '127.0.0.1:5' },
  ] as const
  const lines = buildServerProperties({ port: 1, controllerPort: 2, dataDir: '/d', extraListeners, config: {} }).split('\n')
  expect(lines.filter((line) => /listener|quorum/.test(line))).toEqual([
    'listeners=PLAINTEXT://127.0.0.1:1,SASL_SSL://127.0.0.1:3,BEHIND://127.0.0.1:4,CONTROLLER://127.0.0.1:2',
    'advertised.listeners=PLAINTEXT://127.0.0.1:1,SASL_SSL://127.0.0.1:3,BEHIND://127.0.0.1:5',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'controller.quorum.voters=1@127.0.0.1:2',
  ])
})

test('the cache and Java are found by the environment', () => {
  expect(readEmbeddedConfig({ TIDEWATCH_CACHE_DIR: '/c', JAVA_HOME: '/j' })).toEqual({
    cacheDir: '/c',
    javaCommand: '/j/bin/java',
  })
  expect(readEmbeddedConfig({})).toMatchObject({
    javaCommand: 'java',
    cacheDir: expect.stringMatching(/\.cache\/tidewatch$/),
  })
})

test('free ports are free and differ', async () => {
  const ports = await findFreePorts(3)
  expect(new Set(ports).size).toBe(3)
  for (const port of ports) expect(await isPortFree(port)).toBe(true)
})
