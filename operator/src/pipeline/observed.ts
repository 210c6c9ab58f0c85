import type { DetectionPipeline } from '@tidewatch/api'
import type { KubeObject, Resource } from '@tidewatch/kube'
import type { TopicClaims, TopicReading } from '../kafka/decide-topics.ts'
import type { ConnectionResult, Obstacle } from '../kafka/resolve-connection.ts'
import type { Owner } from '../shared/owner.ts'
import type { ChildSettings, Platform } from '../shared/settings.ts'
import type { PipelineLag, PipelineTelemetry } from './telemetry-view.ts'

/** An object and the resource that it is one of. */
export interface ResourceObject {
  resource: Resource
  object: KubeObject
}

/** All that the decisions about one pipeline are made from; nothing else is looked at. */
export interface Observed {
  kind: 'Observed'
  /** The pipeline as it is on the server. */
  object: KubeObject
  /** The same, checked and with its defaults. */
  pipeline: DetectionPipeline
  owner: Owner
  /** The name of every child. */
  name: string
  settings: ChildSettings
  platform: Platform
  /** True while the annotation tells us to keep away. */
  isLeftAlone: boolean
  connection: ConnectionResult
  /** An older pipeline, as namespace/name, whose checkpoints are in the topic that this one names for its own. */
  stateTopicOwner: string | undefined
  /** A Secret that is missing; undefined where all are there, or none is needed. */
  credentials: Obstacle | undefined
  /** Topics by the Admin API; undefined where Strimzi manages them or Kafka's address is not known. */
  topics: TopicReading | undefined
  claims: TopicClaims
  /** Every KafkaTopic of the namespace. */
  kafkaTopics: readonly KubeObject[]
  kafkaUser: KubeObject | undefined
  deployment: KubeObject | undefined
  pods: readonly KubeObject[]
  /** Every HPA of the namespace that scales our Deployment, whoever made it. */
  autoscalers: readonly KubeObject[]
  scaledObject: KubeObject | undefined
  /** What this pipeline controls, by owner reference. */
  owned: readonly ResourceObject[]
  lag: PipelineLag | undefined
  telemetry: PipelineTelemetry | undefined
}

/** The manifest cannot be read by this version: it was written for another one. Its children go on as they are. */
export interface Invalid {
  kind: 'Invalid'
  object: KubeObject
  message: string
}

export type Observation = Observed | Invalid | { kind: 'Gone' }
