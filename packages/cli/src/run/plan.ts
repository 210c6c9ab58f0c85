import { dirname, resolve } from 'node:path'
import {
  formatPath,
  planTopics,
  resolveFleet,
  resolvePipeline,
  resolveScaling,
  type DetectorConfig,
  type DeviceFleet,
  type ScalingPolicy,
  type SimulatorConfig,
  type TopicPlan,
} from '@tidewatch/api'
import type { CheckedManifest } from '../manifests/check.ts'
import type { Diagnostic } from '../manifests/diagnostic.ts'
import { stdinName } from '../manifests/read.ts'

export interface PlannedPipeline {
  config: DetectorConfig
  scaling: ScalingPolicy
}

/** What `up` will do, before anything is started. */
export interface RunPlan {
  /** The address of the brokers; undefined: an embedded one. */
  brokers: string | undefined
  topics: TopicPlan[]
  pipelines: PlannedPipeline[]
  fleets: SimulatorConfig[]
}

export interface PlanOptions {
  /** What the command line says: it wins over every manifest. */
  brokers: string | undefined
  processors: number
  fileExists(path: string): boolean
}

/** Fewer detectors after a minute of need for fewer: a run on one machine is short, a rebalance there cheap. */
const scaleDownStabilizationMs = 60_000

/** Puts valid manifests together into one run, or says where they contradict each other. */
export function planRun(manifests: readonly CheckedManifest[], options: PlanOptions): { plan: RunPlan; diagnostics: Diagnostic[] } {
  const topics = mergeTopics(manifests)
  const brokers = options.brokers === undefined ? agreeOnBrokers(manifests) : { brokers: options.brokers, diagnostics: [] }
  const plan: RunPlan = { brokers: brokers.brokers, topics: topics.topics, pipelines: [], fleets: [] }
  const diagnostics = [...brokers.diagnostics, ...topics.diagnostics]

  for (const checked of manifests) {
    const { manifest } = checked
    if (manifest.kind === 'DetectionPipeline') {
      const config = resolvePipeline(manifest)
      const scaling = resolveScaling(manifest.spec.scaling, config.partitions, { most: options.processors, scaleDownStabilizationMs })
      plan.pipelines.push({ config, scaling })
    } else {
      const { config, replayFile } = resolveFiles(manifest, checked.file)
      plan.fleets.push(config)
      if (replayFile !== undefined && !options.fileExists(replayFile)) {
        diagnostics.push(problemAt(checked, ['spec', 'devices', 'replay', 'file'], `there is no file ${replayFile}`))
      }
    }
  }
  return { plan, diagnostics }
}

/** A recording's path is relative to the manifest that names it, wherever the command is run. */
function resolveFiles(manifest: DeviceFleet, file: string): { config: SimulatorConfig; replayFile: string | undefined } {
  const config = resolveFleet(manifest)
  if (!('replay' in config.devices) || config.devices.replay.file === undefined) return { config, replayFile: undefined }
  const replayFile = resolve(file === stdinName ? '.' : dirname(file), config.devices.replay.file)
  return { config: { ...config, devices: { replay: { ...config.devices.replay, file: replayFile } } }, replayFile }
}

function agreeOnBrokers(manifests: readonly CheckedManifest[]): { brokers: string | undefined; diagnostics: Diagnostic[] } {
  const first = manifests[0]
  const wanted = first?.manifest.spec.kafka.bootstrapServers
  const diagnostics = manifests
    .filter(({ manifest }) => manifest.spec.kafka.bootstrapServers !== wanted)
    .map((checked) => {
      const there = wanted ?? `the cluster "${first?.manifest.spec.kafka.clusterRef?.name ?? ''}"`
      return problemAt(checked, ['spec', 'kafka'], `is another Kafka than ${there} of ${placeOf(first)}: write the same in both, run them apart, or give --brokers for all`)
    })
  return { brokers: wanted, diagnostics }
}

function mergeTopics(manifests: readonly CheckedManifest[]): { topics: TopicPlan[]; diagnostics: Diagnostic[] } {
  const byName = new Map<string, { topic: TopicPlan; checked: CheckedManifest }>()
  const diagnostics: Diagnostic[] = []
  for (const checked of manifests) {
    // With None somebody else creates the topics; they are waited for by those who use them.
    if (checked.manifest.spec.kafka.topicManagement === 'None') continue
    for (const topic of planTopics(checked.manifest)) {
      const known = byName.get(topic.name)
      if (known === undefined) {
        byName.set(topic.name, { topic: { ...topic, config: { ...topic.config } }, checked })
        continue
      }
      const path = pathOf(topic)
      const there = `${known.topic.askedBy} (${placeOf(known.checked, pathOf(known.topic))})`
      if (known.topic.partitions !== topic.partitions) {
        const message = `topic "${topic.name}" has ${topic.partitions} partitions here and ${known.topic.partitions} in ${there}: write the same number in both`
        diagnostics.push(problemAt(checked, path, message))
      }
      for (const [key, value] of Object.entries(topic.config)) {
        const other = known.topic.config[key]
        if (other !== undefined && other !== value) diagnostics.push(problemAt(checked, path, `topic "${topic.name}" has ${key} ${value} here and ${other} in ${there}: write the same in both`))
        known.topic.config[key] = value
      }
      known.topic.replicas ??= topic.replicas
    }
  }
  return { topics: [...byName.values()].map(({ topic }) => topic), diagnostics }
}

/** `hvac: spec.source.topic` names the field; the manifest is known already. */
function pathOf({ askedBy }: TopicPlan): string[] {
  return askedBy.slice(askedBy.indexOf(': ') + 2).split('.')
}

function placeOf(checked: CheckedManifest | undefined, path: string[] = ['spec', 'kafka']): string {
  return checked === undefined ? '' : `${checked.file}:${checked.positionOf(path).line}`
}

function problemAt(checked: CheckedManifest, path: string[], message: string): Diagnostic {
  return { file: checked.file, position: checked.positionOf(path), severity: 'error', path: formatPath(path), message }
}
