/**
 * What detectors report about themselves, summed over the pods of a pipeline; written by telemetry/, shown in the status.
 * Undefined members could not be read, or do not exist yet.
 */
export interface PipelineTelemetry {
  readingsPerSecond: number | undefined
  anomalies: { lastHour: number; total: number } | undefined
  /** Event time, ms since the epoch. */
  watermarkMs: number | undefined
  model: { devices: number; warming: number; bytes: number } | undefined
  /** Partitions to or from which keys may be moving, because the input has come to have more of them. */
  partitionsGrowing?: number
  accuracy:
    | { precision: number | undefined; recall: number | undefined; byFault: Record<string, { precision: number | undefined; recall: number | undefined }> }
    | undefined
}

/** What is known of a pipeline's lag. */
export type PipelineLag =
  | {
      kind: 'Known'
      /** Records waiting, stuck partitions included. */
      total: number
      /** Undefined while the rate is not known. */
      drainSeconds: number | undefined
      worstPartition: number | undefined
      /** Partitions with records waiting whose committed offset stands still. */
      stuckPartitions: number[]
    }
  /** `code` is that of packages/kafka: KAFKA_UNREACHABLE, KAFKA_ACCESS_DENIED, TOPIC_MISSING ... */
  | { kind: 'Unreadable'; code: string; message: string }
