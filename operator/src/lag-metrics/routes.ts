import { drainMetric, pipelineMetricLabel } from '../shared/lag-metric.ts'
import { metricsGroup, metricsVersion } from './api-service.ts'
import type { Access } from './authorizer.ts'
import { parseLabelSelector } from './label-selector.ts'
import { findOpenApi } from './openapi.ts'
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, buildStatus, buildValueList, groupVersion, metricNames, type MetricName, type Reply } from './replies.ts'
import type { LagReader } from './watcher.ts'

/** What a path means: what must be allowed, and then the answer. */
export interface Route {
  access: Access
  reply: () => Reply
}

const metricPath = new RegExp(`^/apis/${groupVersion}/namespaces/([^/]+)/([^/]+)$`)
const discoveryAccept = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Undefined where nothing is served. Reads happen in `reply`, after the access was granted. */
export function findRoute(url: URL, accept: string, lag: LagReader): Route | undefined {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname
  const metric = metricPath.exec(path)
  if (metric !== null) {
    const [namespace = '', name = ''] = metric.slice(1).map(decodeSegment)
    return {
      access: { kind: 'Metric', verb: 'list', group: metricsGroup, version: metricsVersion, namespace, metric: name },
      reply: () => replyWithMetric(namespace, name, url.searchParams.get('labelSelector') ?? '', lag),
    }
  }
  const reply = findDocument(path, accept)
  return reply === undefined ? undefined : { access: { kind: 'Path', verb: 'get', path }, reply: () => reply }
}

/** The media type of the aggregated discovery, where the caller takes it. */
export function wantsAggregatedDiscovery(path: string, accept: string): boolean {
  return path === '/apis' && accept.replaceAll(' ', '').includes(discoveryAccept)
}

export const aggregatedDiscoveryType = `application/json;${discoveryAccept}`

function findDocument(path: string, accept: string): Reply | undefined {
  switch (path) {
    case '/apis':
      return wantsAggregatedDiscovery(path, accept) ? { status: 200, body: aggregatedDiscovery } : apiGroupList
    case `/apis/${metricsGroup}`:
      return apiGroup
    case `/apis/${groupVersion}`:
      return apiResourceList
    default:
      return findOpenApi(path)
  }
}

function replyWithMetric(namespace: string, name: string, selector: string, lag: LagReader): Reply {
  const metric = metricNames.find((one) => one === name)
  if (metric === undefined) return buildStatus(404, `there is no metric ${name}: ${metricNames.join(' and ')} are served`)
  const isMeant = parseLabelSelector(selector)
  if (isMeant === undefined) return buildStatus(400, `"${selector}" is not a label selector: write, for example, ${pipelineMetricLabel}=hvac`)
  const pipelines = lag.listPipelines(namespace).filter((pipeline) => isMeant({ [pipelineMetricLabel]: pipeline }))
  const values: Parameters<typeof buildValueList>[1][number][] = []
  for (const pipeline of pipelines) {
    const answer = lag.signalOf(namespace, pipeline)
    // Gone between the two questions.
    if (answer === undefined) continue
    // Never a number in its place: an autoscaler would act on it, and with an error it holds.
    if (answer.kind === 'Unreadable') return buildStatus(503, `the lag of pipeline ${namespace}/${pipeline} is not known: ${answer.why}`)
    const value = valueOf(metric, answer.signal)
    if (value === undefined) return buildStatus(503, `the lag of pipeline ${namespace}/${pipeline} cannot be told in seconds: ${answer.signal.reason}`)
    values.push({ pipeline, signal: answer.signal, value })
  }
  return buildValueList(metric, values)
}

type Signal = Parameters<typeof buildValueList>[1][number]['signal']
const valueOf = (metric: MetricName, signal: Signal): number | undefined => (metric === drainMetric ? signal.drainSeconds : signal.lagRecords)

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Names of Kubernetes hold no percent sign: it will not be found.
    return segment
  }
}
