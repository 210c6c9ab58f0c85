import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvironment } from '@tidewatch/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { KafkaConnection } from './connection.ts'
import { connectionFromEnvironment, kafkaEnvironment } from './environment.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-environment-'))
const file = (name: string) => join(folder, name)
const absent = file('absent')

beforeAll(() => {
  for (const name of ['own', 'other']) {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, '-subj', `/CN=${name}`, '-days', '2'], { stdio: 'ignore' })
  }
  writeFileSync(file('password'), 'secret\n')
  writeFileSync(file('empty'), '\n')
  writeFileSync(file('text'), 'no certificate')
})
afterAll(() => rmSync(folder, { recursive: true }))

type Given = Partial<Record<'TLS' | 'CA_FILES' | 'CERTIFICATE_FILE' | 'KEY_FILE' | 'SASL_MECHANISM' | 'USERNAME' | 'PASSWORD_FILE', string>>

/** The connection of an environment with these beside the brokers. */
function connect(given: Given): KafkaConnection {
  const variables = Object.fromEntries(Object.entries(given).map(([name, value]) => [`TIDEWATCH_KAFKA_${name}`, value]))
  return connectionFromEnvironment(readEnvironment(z.object(kafkaEnvironment), { TIDEWATCH_KAFKA_BROKERS: 'a:9092,b:9092', ...variables }), 'client')
}

const where = { brokers: 'a:9092,b:9092', clientId: 'client' }

describe('an environment', () => {
  test.each<[string, () => Given, () => Partial<KafkaConnection>]>([
    ['with brokers alone connects in the clear', () => ({}), () => ({})],
    ['with TLS trusts the system', () => ({ TLS: 'true' }), () => ({ tls: {} })],
    [
      'with authorities trusts them beside the system',
      () => ({ TLS: 'true', CA_FILES: `${file('own.crt')}, ${file('other.crt')}` }),
      () => ({ tls: { extraCaFiles: [file('own.crt'), file('other.crt')] } }),
    ],
    [
      'with a certificate shows it',
      () => ({ TLS: 'true', CERTIFICATE_FILE: file('own.crt'), KEY_FILE: file('own.key') }),
      () => ({ tls: { certFile: file('own.crt'), keyFile: file('own.key') } }),
    ],
    [
      'with SCRAM over TLS logs in',
      () => ({ TLS: 'true', SASL_MECHANISM: 'SCRAM-SHA-512', USERNAME: 'bob', PASSWORD_FILE: file('password') }),
      () => ({ tls: {}, sasl: { mechanism: 'scram-sha-512', username: 'bob', passwordFile: file('password') } }),
    ],
    [
      'with PLAIN logs in',
      () => ({ SASL_MECHANISM: 'PLAIN', USERNAME: 'bob', PASSWORD_FILE: file('password') }),
      () => ({ sasl: { mechanism: 'plain', username: 'bob', passwordFile: file('password') } }),
    ],
  ])('%s', (_, given, connection) => {
    expect(connect(given())).toEqual({ ...where, ...connection() })
  })
})

describe('an environment is refused in one sentence with', () => {
  test.each<[string, () => Given, () => string]>([
    [
      'a password file without a mechanism',
      () => ({ USERNAME: 'bob', PASSWORD_FILE: file('password') }),
      () =>
        'TIDEWATCH_KAFKA_PASSWORD_FILE is set without TIDEWATCH_KAFKA_SASL_MECHANISM: set both or neither; ' +
        'TIDEWATCH_KAFKA_USERNAME is set without TIDEWATCH_KAFKA_SASL_MECHANISM: set both or neither',
    ],
    [
      'a mechanism without a user name',
      () => ({ SASL_MECHANISM: 'PLAIN', PASSWORD_FILE: file('password') }),
      () => 'TIDEWATCH_KAFKA_SASL_MECHANISM is set without TIDEWATCH_KAFKA_USERNAME: set both or neither',
    ],
    [
      'a mechanism without a password file',
      () => ({ SASL_MECHANISM: 'PLAIN', USERNAME: 'bob' }),
      () => 'TIDEWATCH_KAFKA_SASL_MECHANISM is set without TIDEWATCH_KAFKA_PASSWORD_FILE: set both or neither',
    ],
    [
      'a certificate without a key',
      () => ({ TLS: 'true', CERTIFICATE_FILE: file('own.crt') }),
      () => 'TIDEWATCH_KAFKA_CERTIFICATE_FILE is set without TIDEWATCH_KAFKA_KEY_FILE: set both or neither',
    ],
    [
      'a key without a certificate',
      () => ({ TLS: 'true', KEY_FILE: file('own.key') }),
      () => 'TIDEWATCH_KAFKA_KEY_FILE is set without TIDEWATCH_KAFKA_CERTIFICATE_FILE: set both or neither',
    ],
    [
      'an authority and no encryption',
      () => ({ CA_FILES: file('own.crt') }),
      () => 'TIDEWATCH_KAFKA_CA_FILES is set, but nothing is encrypted: set TIDEWATCH_KAFKA_TLS to true',
    ],
    [
      'a password file that is missing',
      () => ({ SASL_MECHANISM: 'PLAIN', USERNAME: 'bob', PASSWORD_FILE: absent }),
      () => `TIDEWATCH_KAFKA_PASSWORD_FILE: ${absent} cannot be read: there is no such file`,
    ],
    [
      'a password file that is empty',
      () => ({ SASL_MECHANISM: 'PLAIN', USERNAME: 'bob', PASSWORD_FILE: file('empty') }),
      () => `TIDEWATCH_KAFKA_PASSWORD_FILE: ${file('empty')} is empty: write the password into it`,
    ],
    [
      'an authority that is missing',
      () => ({ TLS: 'true', CA_FILES: `${file('own.crt')},${absent}` }),
      () => `TIDEWATCH_KAFKA_CA_FILES: ${absent} cannot be read: there is no such file`,
    ],
    [
      'an authority that is no PEM',
      () => ({ TLS: 'true', CA_FILES: file('text') }),
      () => `TIDEWATCH_KAFKA_CA_FILES: ${file('text')} holds no certificate in PEM: error:0480006C:PEM routines::no start line`,
    ],
    [
      'a certificate and the key of another',
      () => ({ TLS: 'true', CERTIFICATE_FILE: file('own.crt'), KEY_FILE: file('other.key') }),
      () =>
        `TIDEWATCH_KAFKA_CERTIFICATE_FILE, TIDEWATCH_KAFKA_KEY_FILE: ${file('own.crt')} and ${file('other.key')} are not a certificate and its key in PEM: ` +
        'error:05800074:x509 certificate routines::key values mismatch',
    ],
    [
      'every file that cannot be used at once',
      () => ({ TLS: 'true', CERTIFICATE_FILE: absent, KEY_FILE: file('own.key'), CA_FILES: absent }),
      () =>
        `TIDEWATCH_KAFKA_CA_FILES: ${absent} cannot be read: there is no such file; ` +
        `TIDEWATCH_KAFKA_CERTIFICATE_FILE: ${absent} cannot be read: there is no such file`,
    ],
  ])('%s', (_, given, problem) => {
    expect(() => connect(given())).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: `The environment is not valid: ${problem()}` }))
  })

  test.each<[string, Given, string]>([
    ['a mechanism that we do not know', { SASL_MECHANISM: 'SCRAM-SHA-256' }, 'TIDEWATCH_KAFKA_SASL_MECHANISM: Invalid option: expected one of "SCRAM-SHA-512"|"PLAIN"'],
    ['TLS that is neither on nor off', { TLS: 'yes' }, 'TIDEWATCH_KAFKA_TLS: Invalid option: expected one of "true"|"false"'],
  ])('%s', (_, given, problem) => {
    expect(() => connect(given)).toThrow(`The environment is not valid: ${problem}`)
  })
})
