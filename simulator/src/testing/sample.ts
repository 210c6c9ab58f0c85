import { readFileSync } from 'node:fs'
import { parseManifest, resolveFleet, type SimulatorConfig } from '@tidewatch/api'
import { parseAllDocuments } from 'yaml'

/** The resolved fleets of one of the samples in config/samples/valid. */
export function readSampleFleets(name: string): SimulatorConfig[] {
  const text = readFileSync(new URL(`../../../config/samples/valid/${name}.yaml`, import.meta.url), 'utf8')
  return parseAllDocuments(text).flatMap((document) => {
    const parsed = parseManifest(document.toJS() as unknown)
    if (!parsed.ok) throw new Error(`the sample ${name} is not valid: ${JSON.stringify(parsed.problems)}`)
    return parsed.manifest.kind === 'DeviceFleet' ? [resolveFleet(parsed.manifest)] : []
  })
}
