/**
 * What simulators report about themselves, summed over the pods of a fleet; written by telemetry/, shown in the status.
 * Undefined members could not be read, or do not exist yet. Counters go on when a pod is replaced.
 */
export interface FleetTelemetry {
  activeDevices: number | undefined
  sent: number | undefined
  sendErrors: number | undefined
  /** Records each second, now. */
  achievedRate: number | undefined
  /** Records sent under each kind of fault. */
  injected: Record<string, number> | undefined
}
