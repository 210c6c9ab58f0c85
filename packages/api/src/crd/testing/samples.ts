import { readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { KindName } from '../../manifest.ts'

const folder = new URL('../../../../../config/samples/', import.meta.url)

export interface SampleDocument {
  apiVersion: string
  kind: KindName
  metadata: { name: string }
  spec: Record<string, unknown>
}

/** Every document of config/samples/valid. */
export function readValidSamples(): SampleDocument[] {
  return read('valid').flatMap(({ text }) => parseDocuments(text))
}

/** What an invalid sample must be told: its path and its sentence, and what the API server says where it differs. */
export interface InvalidSample {
  file: string
  path: string
  message: string
  serverSays: string | undefined
  document: SampleDocument
}

export function readInvalidSamples(): InvalidSample[] {
  return read('invalid').map(({ file, text }) => {
    const [, path, message] = /^# expect: (\S+): (.+)\n/.exec(text) ?? []
    if (path === undefined || message === undefined) throw new Error(`${file}: the first line says "# expect: <path>: <message>"`)
    return { file, path, message, serverSays: /\n# expect-server: (.+)\n/.exec(text)?.[1], document: parseDocuments(text)[0]! }
  })
}

function read(kind: 'valid' | 'invalid'): { file: string; text: string }[] {
  return readdirSync(new URL(`${kind}/`, folder)).map((file) => ({ file, text: readFileSync(new URL(`${kind}/${file}`, folder), 'utf8') }))
}

function parseDocuments(text: string): SampleDocument[] {
  return parseAllDocuments(text).map((document) => document.toJS() as SampleDocument)
}
