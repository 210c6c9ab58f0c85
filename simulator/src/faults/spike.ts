import { directionOf, type FaultBehaviour } from './fault.ts'

/** Each reading's distance varies by a tenth, so that a spike is not a stuck value elsewhere. */
const variation = 0.1

/** Every reading of the incident lies `magnitude` standard deviations away, all on one side. */
export const spike: FaultBehaviour = {
  kind: 'spike',
  distort(reading, incident) {
    const displacement = incident.magnitude * reading.sigma
    const varied = displacement * (1 + variation * (2 * reading.uniform - 1))
    return reading.value + directionOf(reading, incident, displacement) * varied
  },
  weigh: (_timeMs, incident) => incident.magnitude,
}
