import type { FaultBehaviour } from './fault.ts'

/** The device reads `magnitude` times as often; at least as often as ever. */
export const flood: FaultBehaviour = {
  kind: 'flood',
  rateFactor: (incident) => Math.max(1, incident.magnitude),
}
