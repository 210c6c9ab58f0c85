/** What the operator's environment says of the children it makes. */
export interface ChildSettings {
  detectorImage: string
  simulatorImage: string
  imagePullPolicy: string
  /** Whether NetworkPolicies are written. */
  networkPolicies: boolean
  /** Where the operator runs: the namespace and Service that KEDA asks for the lag. */
  operatorNamespace: string
  serviceName: string
  port: number
}

/** What this cluster can do, by discovery. */
export interface Platform {
  /** The version of kafka.strimzi.io to write: v1 before v1beta2; undefined where Strimzi is not installed. */
  strimziVersion: string | undefined
  hasKeda: boolean
  hasPodMonitors: boolean
  /** Who answers external.metrics.k8s.io: we, somebody else, or we were told not to; undefined before that is known. */
  metricsSlot: 'Ours' | 'Taken' | 'Off' | undefined
}
