/**
 * Writes what is generated from the schemas: docs/reference. With `--check` it writes nothing and fails when a
 * file differs from what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { kinds, type KindName } from '@tidewatch/api'
import { describeKind } from './reference.ts'

const root = new URL('../', import.meta.url)
const files = Object.fromEntries(
  Object.entries(kinds).map(([name, schema]) => [`docs/reference/${name.toLowerCase()}.md`, describeKind(name as KindName, schema)]),
)

const isCheck = process.argv.includes('--check')
for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root)
  if (current(url) === text) continue
  if (isCheck) {
    console.error(`${path} is not what the schemas say: run "npm run generate"`)
    process.exitCode = 1
  } else {
    mkdirSync(new URL('./', url), { recursive: true })
    writeFileSync(url, text)
    console.log(`wrote ${path}`)
  }
}

function current(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8')
  } catch {
    return undefined
  }
}
