import type { KubeObject } from '@tidewatch/kube'
import { shardAnnotation } from './desired/job.ts'
import { jobOf } from './jobs.ts'

/** What all shards together have sent. */
export interface FleetReport {
  sent: number
  sendErrors: number
  achievedRate: number
  injected: Record<string, number>
}

interface PodStatus {
  phase?: string
  containerStatuses?: { state?: { terminated?: { message?: string } } }[]
}

/**
 * Adds up what each simulator wrote as its last word. Undefined unless every shard's is there and can be read: half a sum
 * would look like a loss.
 */
export function sumReports(job: KubeObject, pods: readonly KubeObject[]): FleetReport | undefined {
  const { completions = 1 } = (job.spec ?? {}) as { completions?: number }
  const byShard = new Map<string, FleetReport>()
  for (const pod of pods) {
    const { phase, containerStatuses = [] } = (pod.status ?? {}) as PodStatus
    const shard = pod.metadata.annotations?.[shardAnnotation]
    if (shard === undefined || phase !== 'Succeeded' || jobOf(pod) !== job.metadata.name) continue
    const report = parseReport(containerStatuses[0]?.state?.terminated?.message)
    if (report !== undefined) byShard.set(shard, report)
  }
  return byShard.size < completions ? undefined : [...byShard.values()].reduce(add, { sent: 0, sendErrors: 0, achievedRate: 0, injected: {} })
}

function add(a: FleetReport, b: FleetReport): FleetReport {
  const injected = { ...a.injected }
  for (const [fault, count] of Object.entries(b.injected)) injected[fault] = (injected[fault] ?? 0) + count
  return { sent: a.sent + b.sent, sendErrors: a.sendErrors + b.sendErrors, achievedRate: a.achievedRate + b.achievedRate, injected }
}

/** Undefined for anything that a simulator did not write: the kubelet cuts at 4 KiB, and a crash leaves log lines. */
export function parseReport(message: string | undefined): FleetReport | undefined {
  let value: unknown
  try {
    value = JSON.parse(message ?? '')
  } catch {
    return undefined
  }
  const { sent, sendErrors, achievedRate, injected } = (value ?? {}) as Partial<Record<keyof FleetReport, unknown>>
  if (typeof sent !== 'number' || typeof sendErrors !== 'number' || typeof achievedRate !== 'number') return undefined
  const counts = Object.entries((injected ?? {}) as Record<string, unknown>).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return { sent, sendErrors, achievedRate, injected: Object.fromEntries(counts) }
}
