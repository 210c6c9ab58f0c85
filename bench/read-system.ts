import { readFileSync } from 'node:fs'
import { resolveFleet, resolvePipeline, type DetectorConfig, type SimulatorConfig } from '@tidewatch/api'
import { checkManifests, formatDiagnostic } from '@tidewatch/cli'

/** What is sent, and what detects. */
export interface System {
  fleet: SimulatorConfig
  pipeline: DetectorConfig
}

/** What the manifests of one file send and how it is windowed. @throws Error naming what is missing. */
export function readSystem(file: string): System {
  const { manifests: checked, diagnostics } = checkManifests([{ file, text: readFileSync(file, 'utf8') }], 'error')
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => formatDiagnostic(one)).join('\n'))
  const manifests = checked.map(({ manifest }) => manifest)
  const fleet = manifests.find((manifest) => manifest.kind === 'DeviceFleet')
  const pipeline = manifests.find((manifest) => manifest.kind === 'DetectionPipeline')
  if (fleet === undefined || pipeline === undefined) throw new Error(`${file} must hold a DeviceFleet and a DetectionPipeline`)
  return { fleet: resolveFleet(fleet), pipeline: resolvePipeline(pipeline) }
}
