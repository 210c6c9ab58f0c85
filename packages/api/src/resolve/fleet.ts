import { parseDuration } from '../duration.ts'
import type { FaultKind, FaultSpec } from '../fleet/faults.ts'
import type { DeviceFleet } from '../fleet/fleet.ts'
import type { ListedDevice, ReplaySpec } from '../fleet/devices.ts'
import type { ProfileSpec, SignalSpec } from '../fleet/profiles.ts'
import { defaultMagnitude, faultHeader } from '../fleet/faults.ts'
import type { PresetName } from '../pipeline/source.ts'

export type ResolvedSignal = Omit<SignalSpec, 'period'> & { periodMs: number }
export type ResolvedProfile = Omit<ProfileSpec, 'signals'> & { signals: ResolvedSignal[] }

export interface ResolvedFault {
  kind: FaultKind
  selector: FaultSpec['selector']
  startMs: number
  durationMs: number
  /** Undefined: once. */
  everyMs: number | undefined
  magnitude: number
}

/**
 * Everything a simulator process needs to know of its fleet: the content of its configuration file. Times are
 * in milliseconds, defaults are in.
 */
export interface SimulatorConfig {
  fleet: { name: string; namespace: string }
  topic: string
  /** Sends every record to this partition; undefined: by the key's hash. */
  partition?: number | undefined
  format: { preset?: PresetName | undefined; template?: string | undefined }
  devices: { count: number; idPattern: string } | { list: ListedDevice[] } | { replay: ReplaySpec }
  profiles: ResolvedProfile[]
  faults: ResolvedFault[]
  intervalMs: number
  jitter: number
  speed: number
  rampMs: number
  /** Event time after which the fleet ends; undefined: no end. */
  durationMs: number | undefined
  /** Records after which the fleet ends; undefined: no end. */
  messages: number | undefined
  seed: number
  shards: number
  compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  acks: 'all' | '1' | '0'
  batchSize: number
  lingerMs: number
  faultHeader: string
}

const defaultIntervalMs = 1_000
const defaultNamespace = 'default'

/** Turns a valid manifest into what a simulator process is given; the one place that does so. */
export function resolveFleet(manifest: DeviceFleet): SimulatorConfig {
  const { metadata, spec } = manifest
  const { devices } = spec
  return {
    fleet: { name: metadata.name, namespace: metadata.namespace ?? defaultNamespace },
    topic: spec.topic.name,
    format: spec.format ?? {},
    devices: devices.replay ? { replay: devices.replay } : devices.list ? { list: devices.list } : { count: devices.count ?? 1, idPattern: devices.idPattern },
    profiles: spec.profiles.map((profile) => ({
      ...profile,
      signals: profile.signals.map(({ period, ...signal }) => ({ ...signal, periodMs: parseDuration(period) })),
    })),
    faults: spec.faults.map((fault) => ({
      kind: fault.kind,
      selector: fault.selector,
      startMs: parseDuration(fault.start),
      durationMs: parseDuration(fault.duration),
      everyMs: fault.every === undefined ? undefined : parseDuration(fault.every),
      magnitude: fault.magnitude ?? defaultMagnitude[fault.kind],
    })),
    intervalMs: spec.interval !== undefined ? parseDuration(spec.interval) : spec.rate !== undefined ? 1_000 / spec.rate : defaultIntervalMs,
    jitter: spec.jitter,
    speed: spec.speed,
    rampMs: parseDuration(spec.ramp),
    durationMs: spec.duration === undefined ? undefined : parseDuration(spec.duration),
    messages: spec.messages,
    seed: spec.seed,
    shards: spec.shards,
    compression: spec.compression,
    acks: spec.acks,
    batchSize: spec.batchSize,
    lingerMs: parseDuration(spec.linger),
    faultHeader,
  }
}
