import type { OpsRoute } from '@tidewatch/kit'
import type { LagReader } from './watcher.ts'

const pathPattern = /^\/lag\/([^/]+)\/([^/]+)$/

/**
 * `GET /lag/<namespace>/<pipeline>` on the ops port, for the trigger `metrics-api` of a KEDA ScaledObject
 * (`valueLocation: drainSeconds` or `lagRecords`): 503 with the reason where the lag cannot be told, so that KEDA holds.
 */
export function createKedaRoute(lag: LagReader): OpsRoute {
  return (path) => {
    const match = pathPattern.exec(path)
    if (match === null) return undefined
    const [, namespace = '', name = ''] = match
    const answer = lag.signalOf(namespace, name)
    if (answer === undefined) return json(404, { error: `there is no pipeline ${name} in namespace ${namespace}` })
    if (answer.kind === 'Unreadable') return json(503, { error: `the lag of pipeline ${name} is not known: ${answer.why}` })
    const { signal } = answer
    return json(200, {
      // Left out where it is not known: KEDA then reports an error and holds, and lagRecords can be read all the same.
      ...(signal.drainSeconds === undefined ? { reason: signal.reason } : { drainSeconds: round(signal.drainSeconds) }),
      lagRecords: signal.lagRecords,
      totalLag: signal.totalLag,
      ratePerSecond: signal.ratePerSecond ?? null,
      worstPartition: signal.worstPartition ?? null,
      stuckPartitions: signal.stuckPartitions,
      time: new Date(signal.atMs).toISOString(),
    })
  }
}

const round = (seconds: number): number => Math.floor(seconds * 1_000) / 1_000
const json = (status: number, body: unknown) => ({ status, type: 'application/json', body: `${JSON.stringify(body)}\n` })
