import type { FaultBehaviour } from './fault.ts'

/** A share `magnitude` of the messages is sent twice, the same bytes one right after the other. */
export const duplicate: FaultBehaviour = {
  kind: 'duplicate',
  copies: (uniform, incident) => (uniform < incident.magnitude ? 1 : 0),
}
