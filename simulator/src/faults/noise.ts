import type { FaultBehaviour } from './fault.ts'

/** `magnitude` times the noise. */
export const noise: FaultBehaviour = {
  kind: 'noise',
  distort: (reading, incident) => reading.value + (incident.magnitude - 1) * reading.noise,
  weigh: (_timeMs, incident) => incident.magnitude,
}
