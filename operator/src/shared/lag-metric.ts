/** Seconds to work off the lag: the external metric of an autoscaler with `targetDrainTime`. */
export const drainMetric = 'tidewatch_drain_seconds'
/** Records waiting: that of an autoscaler with `targetLagPerReplica`. */
export const lagMetric = 'tidewatch_lag_records'
/** The label by which an autoscaler says which pipeline it means. */
export const pipelineMetricLabel = 'pipeline'

/** Where the operator answers KEDA's metrics-api scaler. */
export const lagPath = (namespace: string, pipeline: string): string => `/lag/${namespace}/${pipeline}`
