import { readFileSync } from 'node:fs'
import { systemClock } from '@tidewatch/kit'
import type { Mechanism } from 'kafkajs'
import type { SaslOptions } from './connection.ts'
import { requireInside } from './library/insides.ts'

type Provider = Mechanism['authenticationProvider']
type ProviderFactory = (credentials: { username: string; password: string }) => Provider

const factories: Record<SaslOptions['mechanism'], ProviderFactory> = {
  plain: requireInside<ProviderFactory>('broker/saslAuthenticator/plain'),
  'scram-sha-512': requireInside<ProviderFactory>('broker/saslAuthenticator/scram512'),
}

/**
 * How long a password that has worked before may be refused: a rotated Secret reaches the brokers at once and our file
 * with the kubelet's next look, a minute or more later.
 */
const rotationGraceMs = 180_000

/** By user: undefined while the last attempt went well, else the time of the first refusal since. */
const refusedSinceMs = new Map<string, number | undefined>()

/**
 * kafkajs' own authentication, but with the password as its file holds it at that moment: a rotated Secret needs
 * neither a restart nor the right to read Secrets.
 */
export function authenticate({ mechanism, username, passwordFile }: SaslOptions): Provider {
  const user = `${username} ${passwordFile}`
  return (args) => ({
    async authenticate() {
      const password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '')
      try {
        await factories[mechanism]({ username, password })(args).authenticate()
        refusedSinceMs.set(user, undefined)
      } catch (error) {
        if (!refusedSinceMs.has(user)) throw error
        const nowMs = systemClock.now()
        const sinceMs = refusedSinceMs.get(user) ?? nowMs
        refusedSinceMs.set(user, sinceMs)
        if (nowMs - sinceMs > rotationGraceMs) throw error
        throw passing(error)
      }
    },
  })
}

/** An error after which kafkajs connects again, instead of giving up for good. */
function passing(error: unknown): Error {
  const { KafkaJSConnectionError } = requireInside<{ KafkaJSConnectionError: new (message: string) => Error }>('errors')
  return new KafkaJSConnectionError(`Password refused, waiting for a new one: ${(error as Error).message}`)
}
