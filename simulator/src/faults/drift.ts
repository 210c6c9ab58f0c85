import { directionOf, progressOf, type FaultBehaviour } from './fault.ts'

/** A straight ramp away, `magnitude` standard deviations long at the incident's end; then back at once. */
export const drift: FaultBehaviour = {
  kind: 'drift',
  distort(reading, incident) {
    const displacement = incident.magnitude * reading.sigma
    return reading.value + directionOf(reading, incident, displacement) * displacement * progressOf(incident, reading.timeMs)
  },
  weigh: (timeMs, incident) => 1 + (incident.magnitude - 1) * progressOf(incident, timeMs),
}
