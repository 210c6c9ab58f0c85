import { hashOf } from './hash.ts'

/** The longest name that is also a DNS label and a label's value. */
const maxNameLength = 63

/** What a child's name ends with, by the kind of its owner. */
export const childSuffix = { DetectionPipeline: 'detector', DeviceFleet: 'simulator' } as const

/** `<owner>-<suffix>`; over 63 characters it is cut and ends with a hash of the whole, so that two long names stay two. */
export function childName(owner: string, suffix: string): string {
  return shorten(`${owner}-${suffix}`)
}

/** A name cut to 63 characters; what was cut off lives on in the hash at its end. */
export function shorten(name: string): string {
  if (name.length <= maxNameLength) return name
  const hash = hashOf(name)
  return `${name.slice(0, maxNameLength - hash.length - 1).replace(/[^a-z0-9A-Z]+$/, '')}-${hash}`
}

/**
 * The name of a KafkaTopic resource for a topic: Kafka allows capitals and "_" where Kubernetes does not, and two topics
 * that differ in those alone must not share a resource.
 */
export function topicResourceName(topic: string): string {
  const legal = topic.toLowerCase().replace(/[^a-z0-9.-]/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
  if (legal === topic && topic.length <= maxTopicResourceName) return topic
  return `${(legal || 'topic').slice(0, 200).replace(/[^a-z0-9]+$/, '')}-${hashOf(topic)}`
}

const maxTopicResourceName = 253
