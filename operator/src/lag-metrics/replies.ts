import { drainMetric, lagMetric, pipelineMetricLabel } from '../shared/lag-metric.ts'
import { metricsGroup, metricsVersion } from './api-service.ts'
import type { LagSignal } from './signal.ts'

/** What goes back to the caller: always JSON but for the probes. */
export interface Reply {
  status: number
  body: unknown
}

export const groupVersion = `${metricsGroup}/${metricsVersion}`
export const metricNames = [drainMetric, lagMetric] as const
export type MetricName = (typeof metricNames)[number]

const reasons: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/** A refusal as every client of Kubernetes reads it. */
export function buildStatus(code: number, message: string): Reply {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: reasons[code] ?? 'Unknown', code } }
}

const group = {
  name: metricsGroup,
  versions: [{ groupVersion, version: metricsVersion }],
  preferredVersion: { groupVersion, version: metricsVersion },
}

export const apiGroupList: Reply = { status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] } }
export const apiGroup: Reply = { status: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...group } }

export const apiResourceList: Reply = {
  status: 200,
  body: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: metricNames.map((name) => ({ name, singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get', 'list'] })),
  },
}

/** The same in the form that the aggregator asks for, and that kubectl reads all groups in at once. */
export const aggregatedDiscovery = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [
    {
      metadata: { name: metricsGroup },
      versions: [
        {
          version: metricsVersion,
          freshness: 'Current',
          resources: metricNames.map((name) => ({
            resource: name,
            responseKind: { group: metricsGroup, version: metricsVersion, kind: 'ExternalMetricValueList' },
            scope: 'Namespaced',
            singularResource: '',
            verbs: ['get', 'list'],
          })),
        },
      ],
    },
  ],
}

/** The values of one metric, one for each pipeline that is meant. */
export function buildValueList(metric: MetricName, values: readonly { pipeline: string; signal: LagSignal; value: number }[]): Reply {
  return {
    status: 200,
    body: {
      kind: 'ExternalMetricValueList',
      apiVersion: groupVersion,
      metadata: {},
      items: values.map(({ pipeline, signal, value }) => ({
        metricName: metric,
        metricLabels: { [pipelineMetricLabel]: pipeline },
        timestamp: `${new Date(signal.atMs).toISOString().slice(0, 19)}Z`,
        value: formatQuantity(value),
      })),
    },
  }
}

/** A Kubernetes quantity in thousandths, rounded down: rounded up, ceil() in the HPA could make one replica more of it. */
export function formatQuantity(value: number): string {
  const thousandths = Math.floor(value * 1_000)
  return thousandths % 1_000 === 0 ? String(thousandths / 1_000) : `${thousandths}m`
}
