import type { FaultBehaviour } from './fault.ts'

/** The value of the incident's first reading, again and again. */
export const stuck: FaultBehaviour = {
  kind: 'stuck',
  distort: (reading, incident) => incident.remember(`value of ${reading.name}`, () => reading.value),
  holdsCategories: true,
}
