import type { KubeObject } from '@tidewatch/kube'
import { metricsPort } from '../shared/pod.ts'

/** A process to be asked for its metrics. */
export interface ScrapeTarget {
  /** Of this run of the container: its counters begin at 0. */
  id: string
  /** host:port */
  address: string
}

/** The pods of an owner that run and have an address, by run of their container. */
export function listTargets(pods: readonly KubeObject[]): ScrapeTarget[] {
  return pods.flatMap(({ metadata, status }) => {
    const { phase, podIP, containerStatuses = [] } = (status ?? {}) as { phase?: string; podIP?: string; containerStatuses?: { restartCount?: number }[] }
    if (phase !== 'Running' || podIP === undefined || podIP === '') return []
    const host = podIP.includes(':') ? `[${podIP}]` : podIP
    return [{ id: `${metadata.uid}/${containerStatuses[0]?.restartCount ?? 0}`, address: `${host}:${metricsPort.port}` }]
  })
}
