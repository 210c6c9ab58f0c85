import { messageOf, type Logger } from '@tidewatch/kit'
import { resources, type Kube, type KubeObject, type OwnerReference } from '@tidewatch/kube'
import { canonicalJson } from '../shared/hash.ts'
import { readCondition } from '../shared/conditions.ts'
import { isOwnedBy, type InstallationOwner } from './installation-owner.ts'

export const metricsGroup = 'external.metrics.k8s.io'
export const metricsVersion = 'v1beta1'
const apiServiceName = `${metricsVersion}.${metricsGroup}`
const fieldManager = 'tidewatch-operator'
const labels = { 'app.kubernetes.io/name': 'tidewatch-operator', 'app.kubernetes.io/part-of': 'tidewatch', 'app.kubernetes.io/managed-by': 'tidewatch-operator' }

/** Whose the one slot of external metrics in the cluster is. */
export type MetricsSlot =
  /** `available` is what the API server says of it; `message` its reason where it is not. */
  | { kind: 'Ours'; available: boolean; message: string }
  /** `message` says whose and what to do. */
  | { kind: 'Taken'; by: string; message: string }

export interface ApiServiceTarget {
  namespace: string
  serviceName: string
  /** The Service's port in front of the lag metrics' port. */
  servicePort: number
  /** PEM text of the authorities that the API server should trust for us. */
  caBundle: string
}

/**
 * Keeps to the rules of the slot: writes the APIService where there is none, keeps its own up to date, and leaves
 * everybody else's alone. Writes nothing where all is as it should be.
 *
 * @param owner garbage collection takes the APIService with it: one without a backend keeps every namespace from being deleted.
 * @param mayWrite false for a replica that does not lead: it only looks.
 * @throws the errors of packages/kube
 */
export async function ensureApiService({ kube, target, owner, mayWrite, log }: { kube: Kube; target: ApiServiceTarget; owner: InstallationOwner; mayWrite: boolean; log: Logger }): Promise<MetricsSlot> {
  const found = await kube.read(resources.apiServices, { name: apiServiceName })
  if (found !== undefined && !isOurs(found, target)) return describeTaken(found)
  const reference = await owner.read()
  if (found !== undefined && isOwnedBy(found, reference) && isAsWanted(found, buildApiService(target))) return describeOurs(found)
  if (!mayWrite) return found === undefined ? { kind: 'Ours', available: false, message: 'The APIService was not written yet' } : describeOurs(found)
  try {
    const written = await owner.write(reference, (one) => kube.apply(resources.apiServices, buildApiService(target, one), { fieldManager }))
    log.info({ apiService: apiServiceName, service: `${target.namespace}/${target.serviceName}` }, 'Applied APIService')
    return describeOurs(written)
  } catch (error) {
    // Between reading and writing somebody else may have come, or taken fields of ours over.
    const now = await kube.read(resources.apiServices, { name: apiServiceName })
    if (now !== undefined && !isOurs(now, target)) return describeTaken(now)
    log.warn({ apiService: apiServiceName, why: messageOf(error) }, 'Failed to apply APIService')
    throw error
  }
}

export function buildApiService({ namespace, serviceName, servicePort, caBundle }: ApiServiceTarget, owner?: OwnerReference): KubeObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: apiServiceName, labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
    spec: {
      group: metricsGroup,
      version: metricsVersion,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { namespace, name: serviceName, port: servicePort },
      caBundle: Buffer.from(caBundle).toString('base64'),
    },
  }
}

type Spec = { service?: { namespace?: string; name?: string } } & Record<string, unknown>
const specOf = ({ spec }: KubeObject): Spec => (spec ?? {}) as Spec

/** The label alone would do for other installations of ours as well: the Service tells which one. */
function isOurs(found: KubeObject, { namespace, serviceName }: ApiServiceTarget): boolean {
  const { service } = specOf(found)
  const isManaged = found.metadata.labels?.['app.kubernetes.io/managed-by'] === 'tidewatch-operator'
  return isManaged && service?.namespace === namespace && service.name === serviceName
}

function isAsWanted(found: KubeObject, wanted: KubeObject): boolean {
  const there = specOf(found)
  const hasLabels = Object.entries(labels).every(([name, value]) => found.metadata.labels?.[name] === value)
  return hasLabels && Object.entries(specOf(wanted)).every(([name, value]) => canonicalJson(there[name]) === canonicalJson(value))
}

function describeOurs(object: KubeObject): MetricsSlot {
  const condition = readCondition(object, 'Available')
  const available = condition?.status === 'True'
  return { kind: 'Ours', available, message: available ? 'The API server passes external metrics on to the operator' : (condition?.message ?? 'The API server has not looked at the APIService yet') }
}

function describeTaken(object: KubeObject): MetricsSlot {
  const { service } = specOf(object)
  const by = service === undefined ? 'the API server itself' : `Service ${service.namespace ?? ''}/${service.name ?? ''}`
  return {
    kind: 'Taken',
    by,
    message:
      `The cluster's only slot for external metrics (APIService ${apiServiceName}) belongs to ${by}: install KEDA and write scaling.metricsSource Keda, ` +
      'or have that adapter read tidewatch_consumer_lag from Prometheus, or delete the APIService if nobody needs it',
  }
}
