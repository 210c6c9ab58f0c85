/** What a condition tells. All but Reconciling and Stalled are good when True (kstatus: those two are bad when True). */
export const conditionTypes = {
  Ready: 'Everything that was asked for is there and works.',
  Reconciling: 'A change is on its way; nothing is wrong yet.',
  Stalled: 'Nothing goes on until somebody changes the manifest or its surroundings.',
  TopicsReady: 'Every topic is there with enough partitions.',
  UsersReady: 'The Kafka user and every Secret that is named are there.',
  DetectorAvailable: 'As many detectors run as are wanted.',
  SimulatorsActive: 'The simulators run, or have sent everything.',
  AutoscalingActive: 'An autoscaler reads the lag and sets the number of detectors.',
  PartitionsProgressing: 'Every partition with records waiting is being worked off.',
  Paused: 'The pods were stopped by spec.paused, or the operator keeps away by annotation.',
} as const
export type ConditionType = keyof typeof conditionTypes

/** Why a condition is as it is: one word for programs, and when it is used. */
export const reasons = {
  // All is well.
  Succeeded: 'Told when everything of this condition is as it was asked for.',
  Running: 'Told when the pods run and nothing is left to change.',
  Completed: 'Told when a fleet has sent everything.',
  NotPaused: 'Told of Paused when the object is not paused.',
  NotNeeded: 'Told when the manifest asks for nothing of the kind.',
  FixedReplicas: 'Told of AutoscalingActive when minReplicas equals maxReplicas, so that there is nothing to scale.',
  // Under way.
  Progressing: 'Told when pods are being started or replaced.',
  Pending: 'Told when somebody else has still to act on what was asked for.',
  Deleting: 'Told when the object is being deleted.',
  NotReportedYet: 'Told when nobody has reported yet.',
  Paused: 'Told when spec.paused is true: the pods are stopped, everything else is kept.',
  PausedByAnnotation: 'Told when the annotation tidewatch.dev/paused is "true": the operator changes nothing.',
  // The manifest.
  InvalidSpec: 'Told when the manifest is not valid for this version of the operator, for example because it was written for a newer one.',
  NotAvailableYet: 'Told when the manifest asks for what this release cannot do yet.',
  StateTopicTaken: 'Told when an older pipeline of the same Kafka keeps its checkpoints in the topic that spec.checkpoint.topic names.',
  // Kafka.
  StrimziMissing: 'Told when clusterRef is set and the cluster does not serve the API of Strimzi.',
  KafkaClusterMissing: 'Told when there is no Kafka resource of the name in clusterRef.',
  KafkaClusterNotReady: 'Told when the Kafka resource has not reported its listeners yet.',
  ListenerMissing: 'Told when no listener of the Kafka cluster fits the TLS and authentication that are asked for.',
  SecretMissing: 'Told when a Secret that is named is not there.',
  SecretKeyMissing: 'Told when a Secret is there and lacks the key that is named.',
  KafkaUnreachable: 'Told when no broker answers.',
  AccessDenied: 'Told when Kafka refuses the credentials, or the user may not do what is needed.',
  TopicConflict: 'Told when a topic that is not ours has fewer partitions than asked for.',
  PartitionsLowered: 'Told when fewer partitions are asked for than a topic has: Kafka cannot take any away.',
  TopicMissing: 'Told when topicManagement is None and a topic is not there.',
  TopicInvalid: 'Told when Kafka refuses a topic as it is asked for.',
  TopicNotReady: 'Told when Strimzi\'s Topic Operator reports a failure.',
  UserNotReady: 'Told when Strimzi\'s User Operator reports a failure.',
  // Recordings.
  RecordingMissing: 'Told when the recording that a fleet replays is not there.',
  // Kubernetes.
  FieldConflict: 'Told when another writer owns a field that we have to set.',
  QuotaExceeded: 'Told when a quota of the namespace is full.',
  Forbidden: 'Told when the API server refuses a write.',
  NameTaken: 'Told when an object of the name of a child is there and belongs to somebody else.',
  ImagePullFailed: 'Told when the image of a pod cannot be pulled.',
  CrashLooping: 'Told when a container ends again and again.',
  Unschedulable: 'Told when no node takes a pod.',
  PodsRefused: 'Told when the pods that are wanted cannot be made.',
  Failed: 'Told when the pods have ended with an error for good.',
  ReconcileFailed: 'Told when a write failed for another reason; it is tried again.',
  // Scaling.
  AutoscalerConflict: 'Told when an autoscaler that somebody else made is in charge of the same Deployment.',
  MetricsSlotTaken: 'Told when external.metrics.k8s.io belongs to somebody else and KEDA is not there.',
  MetricsUnavailable: 'Told when the autoscaler could not read the lag.',
  KedaMissing: 'Told when metricsSource is Keda and KEDA is not installed.',
  LagUnknown: 'Told when the lag could not be read.',
  KeysMoving: 'Told of PartitionsProgressing when the input has come to have more partitions: for about ten minutes windows of which a part may lie in another partition are not judged, and keys that move begin with new models.',
  PartitionStuck: 'Told when a partition has records waiting and its committed offset stands still.',
} as const
export type Reason = keyof typeof reasons

/** A condition before it is stamped with its generation and its time. */
export interface ConditionDraft {
  type: ConditionType
  status: 'True' | 'False' | 'Unknown'
  reason: Reason
  message: string
}

/** docs/reference/conditions.md. */
export function describeConditions(): string {
  const rows = (table: Record<string, string>) => Object.entries(table).map(([name, text]) => `| \`${name}\` | ${text} |`)
  return [
    '# Conditions',
    '',
    'Both kinds report their state in `status.conditions`. What could not be read is `Unknown`, never `False`.',
    '',
    '| type | tells |',
    '| --- | --- |',
    ...rows(conditionTypes),
    '',
    '## Reasons',
    '',
    '| reason | meaning |',
    '| --- | --- |',
    ...rows(reasons),
    '',
  ].join('\n')
}
