import * as z from 'zod'
import { quantity } from './quantity.ts'

const resourceList = z.record(z.string().max(253), quantity())
const anything = () => z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true })

/** What a user may set of the pods that we make; without a cluster it has no effect. */
export const podTemplate = z
  .strictObject({
    image: z.string().min(1).max(512).optional().describe('Image instead of the release\'s own.'),
    resources: z
      .strictObject({ requests: resourceList.optional().describe('Requested.'), limits: resourceList.optional().describe('Upper bounds.') })
      .optional()
      .describe('CPU and memory.'),
    nodeSelector: z.record(z.string().max(317), z.string().max(63)).optional().describe('Labels of the nodes to run on.'),
    tolerations: z.array(anything()).max(32).optional().describe('Kubernetes tolerations.'),
    affinity: anything().optional().describe('Kubernetes affinity.'),
    env: z
      .array(z.strictObject({ name: z.string().min(1).max(253).describe('Name.'), value: z.string().max(32_768).describe('Value.') }))
      .max(64)
      .default([])
      .describe('Additional environment variables. Default: none.'),
  })
  .prefault({})
  .describe('Settings of the pods.')
