import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { codeOf, ConfigInvalid, messageOf } from '@tidewatch/kit'
import * as z from 'zod'
import type { KafkaConnection, SaslOptions, TlsOptions } from './connection.ts'

const path = z.string().min(1)

/** The part of a process's environment that tells where Kafka is and how to be let in: `z.object({ ...kafkaEnvironment, ... })`. */
export const kafkaEnvironment = {
  TIDEWATCH_KAFKA_BROKERS: z.string({ error: 'is not set: write host:port, several separated by commas' }).min(1).describe('Brokers to begin with, as host:port, separated by commas.'),
  TIDEWATCH_KAFKA_TLS: z.enum(['true', 'false']).default('false').describe('Whether to encrypt. Default: false.'),
  TIDEWATCH_KAFKA_CA_FILES: path.optional().describe("PEM files of authorities to trust beside the system's, separated by commas; read at each connect."),
  TIDEWATCH_KAFKA_CERTIFICATE_FILE: path.optional().describe('PEM file of our own certificate (mutual TLS); read at each connect.'),
  TIDEWATCH_KAFKA_KEY_FILE: path.optional().describe('PEM file of the key of our own certificate; read at each connect.'),
  TIDEWATCH_KAFKA_SASL_MECHANISM: z.enum(['SCRAM-SHA-512', 'PLAIN']).optional().describe('How to log in; without it nobody logs in.'),
  TIDEWATCH_KAFKA_USERNAME: z.string().min(1).optional().describe('User to log in as.'),
  TIDEWATCH_KAFKA_PASSWORD_FILE: path.optional().describe("File with the user's password; read at each authentication."),
}

/** What `readEnvironment` makes of `kafkaEnvironment`. */
export type KafkaEnvironment = Readonly<z.infer<z.ZodObject<typeof kafkaEnvironment>>>

/**
 * The connection that the environment describes. Files are looked at once, so that a mistake ends the process at its start and
 * by name; they are read again whenever they are needed, so that rotated ones are taken up.
 *
 * @throws ConfigInvalid naming every variable that lacks another one, and every file that cannot be used.
 */
export function connectionFromEnvironment(settings: KafkaEnvironment, clientId: string): KafkaConnection {
  const contradictions = checkCombination(settings)
  const connection = buildConnection(settings, clientId)
  const problems = contradictions.length > 0 ? contradictions : checkFiles(connection)
  if (problems.length > 0) throw new ConfigInvalid(`The environment is not valid: ${problems.join('; ')}`)
  return connection
}

type Name = keyof KafkaEnvironment

/** Each variable, and the one that it means nothing without. */
const needs: readonly (readonly [Name, Name])[] = [
  ['TIDEWATCH_KAFKA_PASSWORD_FILE', 'TIDEWATCH_KAFKA_SASL_MECHANISM'],
  ['TIDEWATCH_KAFKA_USERNAME', 'TIDEWATCH_KAFKA_SASL_MECHANISM'],
  ['TIDEWATCH_KAFKA_SASL_MECHANISM', 'TIDEWATCH_KAFKA_USERNAME'],
  ['TIDEWATCH_KAFKA_SASL_MECHANISM', 'TIDEWATCH_KAFKA_PASSWORD_FILE'],
  ['TIDEWATCH_KAFKA_CERTIFICATE_FILE', 'TIDEWATCH_KAFKA_KEY_FILE'],
  ['TIDEWATCH_KAFKA_KEY_FILE', 'TIDEWATCH_KAFKA_CERTIFICATE_FILE'],
]

/** Files that only an encrypted connection has a use for: without one they are a mistake, and not a harmless one. */
const onlyWithTls: readonly Name[] = ['TIDEWATCH_KAFKA_CA_FILES', 'TIDEWATCH_KAFKA_CERTIFICATE_FILE', 'TIDEWATCH_KAFKA_KEY_FILE']

function checkCombination(settings: KafkaEnvironment): string[] {
  const isSet = (name: Name) => settings[name] !== undefined
  const lacking = needs.filter(([name, needed]) => isSet(name) && !isSet(needed)).map(([name, needed]) => `${name} is set without ${needed}: set both or neither`)
  if (settings.TIDEWATCH_KAFKA_TLS === 'true') return lacking
  return [...lacking, ...onlyWithTls.filter(isSet).map((name) => `${name} is set, but nothing is encrypted: set TIDEWATCH_KAFKA_TLS to true`)]
}

const mechanisms: Record<NonNullable<KafkaEnvironment['TIDEWATCH_KAFKA_SASL_MECHANISM']>, SaslOptions['mechanism']> = {
  'SCRAM-SHA-512': 'scram-sha-512',
  PLAIN: 'plain',
}

function buildConnection(settings: KafkaEnvironment, clientId: string): KafkaConnection {
  const { TIDEWATCH_KAFKA_SASL_MECHANISM: mechanism, TIDEWATCH_KAFKA_USERNAME: username, TIDEWATCH_KAFKA_PASSWORD_FILE: passwordFile } = settings
  const isLogin = mechanism !== undefined && username !== undefined && passwordFile !== undefined
  return {
    brokers: settings.TIDEWATCH_KAFKA_BROKERS,
    clientId,
    ...(settings.TIDEWATCH_KAFKA_TLS === 'true' ? { tls: buildTls(settings) } : {}),
    ...(isLogin ? { sasl: { mechanism: mechanisms[mechanism], username, passwordFile } } : {}),
  }
}

function buildTls(settings: KafkaEnvironment): TlsOptions {
  const { TIDEWATCH_KAFKA_CA_FILES: authorities, TIDEWATCH_KAFKA_CERTIFICATE_FILE: certFile, TIDEWATCH_KAFKA_KEY_FILE: keyFile } = settings
  const extraCaFiles = authorities?.split(',').map((file) => file.trim()).filter((file) => file !== '')
  return {
    ...(extraCaFiles === undefined ? {} : { extraCaFiles }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
}

function checkFiles({ tls, sasl }: KafkaConnection): string[] {
  const { extraCaFiles = [], certFile, keyFile } = tls ?? {}
  const problems: string[] = []
  const read = (name: Name, file: string): string | undefined => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
      problems.push(`${name}: ${file} cannot be read: ${why}`)
      return undefined
    }
  }
  const attempt = (what: string, use: () => unknown) => {
    try {
      use()
    } catch (error) {
      problems.push(`${what}: ${messageOf(error)}`)
    }
  }
  for (const file of extraCaFiles) {
    const pem = read('TIDEWATCH_KAFKA_CA_FILES', file)
    if (pem !== undefined) attempt(`TIDEWATCH_KAFKA_CA_FILES: ${file} holds no certificate in PEM`, () => new X509Certificate(pem))
  }
  if (certFile !== undefined && keyFile !== undefined) {
    const cert = read('TIDEWATCH_KAFKA_CERTIFICATE_FILE', certFile)
    const key = read('TIDEWATCH_KAFKA_KEY_FILE', keyFile)
    if (cert !== undefined && key !== undefined) {
      const what = `TIDEWATCH_KAFKA_CERTIFICATE_FILE, TIDEWATCH_KAFKA_KEY_FILE: ${certFile} and ${keyFile} are not a certificate and its key in PEM`
      attempt(what, () => createSecureContext({ cert, key }))
    }
  }
  if (sasl !== undefined && read('TIDEWATCH_KAFKA_PASSWORD_FILE', sasl.passwordFile)?.trim() === '') {
    problems.push(`TIDEWATCH_KAFKA_PASSWORD_FILE: ${sasl.passwordFile} is empty: write the password into it`)
  }
  return problems
}
