import { formatMicroTime } from './micro-time.ts'
import type { KubeObject } from './object.ts'
import { apiVersionOf, resources } from './resource.ts'

export interface KubeEvent {
  /** What it is about; `kubectl describe` of it shows the event. */
  regarding: KubeObject
  /** A second object: the Deployment that was changed. */
  related?: KubeObject | undefined
  type: 'Normal' | 'Warning'
  /** Why, UpperCamel, from a closed set; at most 128 bytes. */
  reason: string
  /** What was done or tried: one word, UpperCamel. */
  action: string
  /** A sentence for people; cut to 1 KiB. */
  note: string
  /** Events with the same key are the same event. Default: the note. */
  dedupeKey?: string | undefined
}

export interface EventSeries {
  /** `metadata.name`. */
  name: string
  firstMs: number
  lastMs: number
  count: number
}

/** The API server's own limit of `note`. */
export const maxNoteBytes = 1_024

/** At most so many bytes of UTF-8, never half a character; `...` says that something is missing. */
export function cutToBytes(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes - 3
  // 10xxxxxx goes on with a character that began before.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${new TextDecoder().decode(bytes.subarray(0, end))}...`
}

/** Two events with the same identity are one event that happened twice. */
export function identifyEvent({ regarding, type, reason, note, dedupeKey }: KubeEvent): string {
  const { uid = '', namespace = '', name } = regarding.metadata
  return JSON.stringify([uid, namespace, regarding.kind, name, type, reason, dedupeKey ?? note])
}

/**
 * The events.k8s.io/v1 object. The second and later times it is the same object with another `series`: the API server lets
 * nothing else change.
 *
 * @param event the first of the series
 */
export function buildEvent(event: KubeEvent, series: EventSeries, { component, instance }: { component: string; instance: string }): KubeObject {
  const { regarding, related, type, reason, action, note } = event
  return {
    apiVersion: apiVersionOf(resources.events),
    kind: resources.events.kind,
    // The event of an object without a namespace lies in `default`: the server refuses any other.
    metadata: { name: series.name, namespace: regarding.metadata.namespace ?? 'default' },
    eventTime: formatMicroTime(series.firstMs),
    reportingController: component,
    reportingInstance: cutToBytes(instance, 128),
    type,
    reason,
    action,
    note: cutToBytes(note, maxNoteBytes),
    regarding: refer(regarding),
    ...(related === undefined ? {} : { related: refer(related) }),
    ...(series.count < 2 ? {} : { series: { count: series.count, lastObservedTime: formatMicroTime(series.lastMs) } }),
  }
}

/** Without `resourceVersion`: with it, two sights of the same thing would be two events. */
function refer({ apiVersion, kind, metadata: { name, namespace, uid } }: KubeObject): Record<string, string> {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) }
}

/** `<object>.<hexadecimal>`, as client-go names them; the object's part is cut so that the whole is a valid name. */
export function nameEvent(objectName: string, nowMs: number, sequence: number): string {
  return `${objectName.slice(0, 200)}.${(BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16)}`
}
