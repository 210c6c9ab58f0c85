/**
 * Writes what is generated from the schemas: docs/reference, crds and the generated parts of the chart. With `--check` it
 * writes nothing and fails when a file differs from what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { buildCrds, describeConditions, kinds, type KindName } from '@tidewatch/api'
import { formatCrd } from '@tidewatch/cli'
import { buildChartFiles } from './helm-chart.ts'
import { describeKind } from './reference.ts'

const root = new URL('../', import.meta.url)
const crds = Object.fromEntries(buildCrds().map((crd) => [`crds/${crd.spec.names.plural}.yaml`, formatCrd(crd)]))
const files: Record<string, string> = {
  ...Object.fromEntries(Object.entries(kinds).map(([name, schema]) => [`docs/reference/${name.toLowerCase()}.md`, describeKind(name as KindName, schema)])),
  'docs/reference/conditions.md': describeConditions(),
  ...crds,
  ...buildChartFiles(crds),
}

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
