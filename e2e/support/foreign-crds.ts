import { readdirSync, readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { defineError } from '@tidewatch/kit'
import type { KubeObject } from '@tidewatch/kube'
import { parse } from 'yaml'
import { findGo } from '../cluster/binaries.ts'
import { lastLines, runProgram } from '../cluster/program.ts'
import { ensureCachedFolder } from './cached-folder.ts'
import { generateStrimziCrds, strimziApiVersion } from './strimzi/generate-crds.ts'
import { serveVersions, type StrimziVersions } from './strimzi/serve-versions.ts'

export type { StrimziVersions } from './strimzi/serve-versions.ts'

export const DefinitionsNotFetched = defineError('DEFINITIONS_NOT_FETCHED', { retry: 'never' })

const fetchTimeoutMs = 600_000

const keda = { module: 'github.com/kedacore/keda/v2', version: 'v2.18.1', folder: 'config/crd/bases', files: /^keda\.sh_.*\.yaml$/ }
const prometheusOperator = { module: 'github.com/prometheus-operator/prometheus-operator', version: 'v0.85.0', folder: 'example/prometheus-operator-crd', files: /_podmonitors\.yaml$/ }

/**
 * Strimzi's own definitions of Kafka, KafkaTopic and KafkaUser, made from its API jars: as 0.48 and older serve them
 * (`v1beta2`), as 0.49 to 0.51 do (both), or as 1.0 and newer do (`v1`).
 *
 * @throws DefinitionsNotGenerated
 */
export async function ensureStrimziCrds(versions: StrimziVersions): Promise<KubeObject[]> {
  // The number at the end counts up when the way of generating changes.
  const folder = await ensureCachedFolder(`strimzi-crds-${strimziApiVersion}-1`, generateStrimziCrds)
  return readObjects(folder).map((definition) => serveVersions(definition, versions))
}

/** KEDA's definitions, as its module has them. @throws DefinitionsNotFetched, GoMissing */
export const ensureKedaCrds = (): Promise<KubeObject[]> => ensureModuleFiles('keda-crds', keda)

/** The Prometheus operator's definition of PodMonitor. @throws DefinitionsNotFetched, GoMissing */
export async function ensurePodMonitorCrd(): Promise<KubeObject> {
  const [definition] = await ensureModuleFiles('podmonitor-crd', prometheusOperator)
  if (definition === undefined) throw new DefinitionsNotFetched(`${prometheusOperator.module} ${prometheusOperator.version} has no PodMonitor in ${prometheusOperator.folder}: take another version in e2e/support/foreign-crds.ts`)
  return definition
}

async function ensureModuleFiles(name: string, { module, version, folder, files }: typeof keda): Promise<KubeObject[]> {
  const cached = await ensureCachedFolder(`${name}-${version}`, async (unfinished) => {
    // In a folder without a go.mod, so that none is looked at.
    const { ok, said } = await runProgram(findGo(), ['-C', unfinished, 'mod', 'download', '-json', `${module}@${version}`], { timeoutMs: fetchTimeoutMs })
    const told = parseAnswer(said)
    if (!ok || told.Dir === undefined) throw new DefinitionsNotFetched(`"go mod download ${module}@${version}" failed: ${told.Error ?? lastLines(said)}. Check that the Go module proxy can be reached`)
    for (const file of readdirSync(join(told.Dir, folder))) {
      if (files.test(file)) await cp(join(told.Dir, folder, file), join(unfinished, file))
    }
  })
  return readObjects(cached)
}

/** Progress lines may stand before the JSON. */
function parseAnswer(said: string): { Dir?: string; Error?: string } {
  const start = said.indexOf('{')
  const end = said.lastIndexOf('}')
  if (start < 0 || end < start) return {}
  return JSON.parse(said.slice(start, end + 1)) as { Dir?: string; Error?: string }
}

function readObjects(folder: string): KubeObject[] {
  return readdirSync(folder)
    .filter((file) => /\.(yaml|json)$/.test(file))
    .sort()
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as KubeObject)
}
