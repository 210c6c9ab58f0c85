import { createRequire } from 'node:module'
import type * as kafkajs from 'kafkajs'

/**
 * A way into kafkajs' own folders, for the places in which it has to be put right. The package has no `exports`, so its
 * files can be named; their shape is known only for the one version that this was written against.
 */
const require = createRequire(import.meta.url)

const knownVersion = '2.2.4'

/** True where the installed kafkajs is the one whose insides we know; any other is left as it is. */
export const isKnownVersion = (require('kafkajs/package.json') as { version: string }).version === knownVersion

/** Loads a file of kafkajs' own, such as `network/requestQueue`. */
export function requireInside<T>(path: string): T {
  return require(`kafkajs/src/${path}`) as T
}

/** Puts something else in a file's place, for all files of kafkajs that are loaded after this. */
export function replaceInside(path: string, exports: unknown): void {
  const file = require.resolve(`kafkajs/src/${path}`)
  require(file)
  require.cache[file]!.exports = exports
}

/** kafkajs itself. */
export function requireKafkajs(): typeof kafkajs {
  return require('kafkajs') as typeof kafkajs
}
