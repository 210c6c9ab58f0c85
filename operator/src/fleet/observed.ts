import type { DeviceFleet } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import type { TopicClaims, TopicReading } from '../kafka/decide-topics.ts'
import type { ConnectionResult, Obstacle } from '../kafka/resolve-connection.ts'
import type { Invalid, ResourceObject } from '../pipeline/observed.ts'
import type { Owner } from '../shared/owner.ts'
import type { ChildSettings, Platform } from '../shared/settings.ts'
import type { FleetTelemetry } from './telemetry-view.ts'

/** All that the decisions about one fleet are made from; nothing else is looked at. */
export interface ObservedFleet {
  kind: 'Observed'
  /** The fleet as it is on the server. */
  object: KubeObject
  /** The same, checked and with its defaults. */
  fleet: DeviceFleet
  owner: Owner
  /** The name of every child but the Job. */
  name: string
  settings: ChildSettings
  platform: Platform
  /** True while the annotation tells us to keep away. */
  isLeftAlone: boolean
  connection: ConnectionResult
  /** A Secret that is missing; undefined where all are there, or none is needed. */
  credentials: Obstacle | undefined
  /** The ConfigMap of a recording that is missing; undefined where it is there, or none is needed. */
  recording: Obstacle | undefined
  /** Topics by the Admin API; undefined where Strimzi manages them or Kafka's address is not known. */
  topics: TopicReading | undefined
  claims: TopicClaims
  /** Every KafkaTopic of the namespace. */
  kafkaTopics: readonly KubeObject[]
  kafkaUser: KubeObject | undefined
  /** Every Job that this fleet controls, those on their way out as well. */
  jobs: readonly KubeObject[]
  pods: readonly KubeObject[]
  /** What this fleet controls, by owner reference. */
  owned: readonly ResourceObject[]
  telemetry: FleetTelemetry | undefined
}

export type FleetObservation = ObservedFleet | Invalid | { kind: 'Gone' }
