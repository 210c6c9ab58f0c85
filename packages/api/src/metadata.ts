import * as z from 'zod'
import { matching } from './rules.ts'
import { text } from './text.ts'

export const apiVersion = 'tidewatch.dev/v1alpha1'

export const objectNamePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
export const objectNameComplaint = 'is not a name: use lower-case letters, digits and "-", such as "hvac-floor-2"'

/** The name of an object: a DNS label, because Deployments, topics and groups are named after it. */
export const objectName = () => matching(text(1, 63), objectNamePattern, objectNameComplaint)

/** The name of an object of somebody else's, such as a Secret: a DNS subdomain. */
export const foreignName = () =>
  matching(text(1, 253), /^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'is not a name: use lower-case letters, digits, "-" and ".", such as "kafka-password"')

/** Kubernetes' own metadata; what we do not read is left to the API server. */
export const metadata = z.looseObject({
  name: objectName(),
  namespace: objectName().optional(),
  uid: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
