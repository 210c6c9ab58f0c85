import * as z from 'zod'

export const apiVersion = 'tidewatch.dev/v1alpha1'

/** The name of an object: a DNS label, because Deployments, topics and groups are named after it. */
export const objectName = () =>
  z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
      error: (issue) => `"${String(issue.input)}" is not a name: use lower-case letters, digits and "-", such as "hvac-floor-2"`,
    })

/** Kubernetes' own metadata; what we do not read is left to the API server. */
export const metadata = z.looseObject({
  name: objectName(),
  namespace: objectName().optional(),
  uid: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
