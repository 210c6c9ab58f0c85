/** One answered request of the API server's audit log (audit.k8s.io/v1), as far as it is read here. */
export interface AuditEvent {
  verb: string
  user: string
  group: string
  /** With its subresource: `pods/exec`. */
  resource: string
  namespace: string
  name: string
  code: number
  /** What the API server said where it is no success; else empty. */
  message: string
  atMs: number
}

interface RawEvent {
  stage?: string
  verb?: string
  user?: { username?: string }
  objectRef?: { apiGroup?: string; resource?: string; subresource?: string; namespace?: string; name?: string }
  responseStatus?: { code?: number; message?: string }
  requestReceivedTimestamp?: string
}

/** The finished requests for resources, in the order of the log; a last line that is not whole yet is left out. */
export function parseAuditLog(text: string): AuditEvent[] {
  const events: AuditEvent[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const { stage, verb = '', user, objectRef, responseStatus, requestReceivedTimestamp = '' } = JSON.parse(line) as RawEvent
    // A watch is told of twice: when it begins and when it ends.
    const isFinished = stage === 'ResponseComplete' || (verb === 'watch' && stage === 'ResponseStarted')
    if (!isFinished || objectRef?.resource === undefined) continue
    const { apiGroup = '', resource, subresource, namespace = '', name = '' } = objectRef
    events.push({
      verb,
      user: user?.username ?? '',
      group: apiGroup,
      resource: subresource === undefined ? resource : `${resource}/${subresource}`,
      namespace,
      name,
      code: responseStatus?.code ?? 0,
      message: responseStatus?.message ?? '',
      atMs: Date.parse(requestReceivedTimestamp),
    })
  }
  return events
}

const writingVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection']
/** Kinds that hold nothing: the API server answers a question. And the Lease, which tells that the leader lives. */
const questions = ['subjectaccessreviews', 'tokenreviews', 'leases']

/** What a user wrote from a moment on, but for its Lease. */
export function findWrites(events: readonly AuditEvent[], user: string, sinceMs: number): AuditEvent[] {
  return events.filter((event) => event.user === user && event.atMs >= sinceMs && writingVerbs.includes(event.verb) && !questions.includes(event.resource))
}

/** A permission as one word: `apps deployments patch`. */
export const formatPermission = (group: string, resource: string, verb: string): string => `${group || 'core'} ${resource} ${verb}`

/** As the API server refuses what no role grants; a namespace on its way out and a full quota refuse with 403 as well. */
const lacksPermission = /cannot \S+ resource /

const isRefused = ({ code, message }: AuditEvent): boolean => code === 403 && lacksPermission.test(message)

/**
 * Every permission that a user has used, sorted: a question that is answered with "not found" uses it too. A server-side apply
 * of what was not there needs two.
 */
export function listUsedPermissions(events: readonly AuditEvent[], user: string): string[] {
  const used = events.filter((event) => event.user === user && !isRefused(event))
  return [...new Set(used.flatMap(({ group, resource, verb, code }) => (verb === 'patch' && code === 201 ? ['patch', 'create'] : [verb]).map((one) => formatPermission(group, resource, one))))].sort()
}

/** Every permission that a user was refused, sorted. */
export function listRefusedPermissions(events: readonly AuditEvent[], user: string): string[] {
  const refused = events.filter((event) => event.user === user && isRefused(event))
  return [...new Set(refused.map(({ group, resource, verb }) => formatPermission(group, resource, verb)))].sort()
}
