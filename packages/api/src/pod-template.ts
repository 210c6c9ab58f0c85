import * as z from 'zod'
import { mapOf } from './map.ts'
import { quantityOrNumber } from './quantity.ts'
import { text } from './text.ts'

const resourceList = mapOf(quantityOrNumber(), { maxEntries: 32, maxKeyLength: 253 })
/** Of a shape that is Kubernetes' own and too large to repeat: it is checked where pods are made of it. */
const anything = () => z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true })

const toleration = z.strictObject({
  key: text(0, 316).optional().describe('Key of the taint. Default: every key, with operator Exists.'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('Whether the value is compared. Default: Equal.'),
  value: text(0, 63).optional().describe('Value of the taint.'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Effect of the taint. Default: every effect.'),
  tolerationSeconds: z.int().min(0).max(2_147_483_647).optional().describe('How long a pod stays after a NoExecute taint appears. Default: for ever.'),
})

/** What a user may set of the pods that we make; without a cluster it has no effect. */
export const podTemplate = z
  .strictObject({
    image: text(1, 512).optional().describe('Image instead of the release\'s own.'),
    resources: z
      .strictObject({ requests: resourceList.optional().describe('Requested.'), limits: resourceList.optional().describe('Upper bounds.') })
      .optional()
      .describe('CPU and memory.'),
    nodeSelector: mapOf(text(0, 63), { maxEntries: 64, maxKeyLength: 317 }).optional().describe('Labels of the nodes to run on.'),
    tolerations: z.array(toleration).max(32).optional().describe('Taints of nodes that the pods tolerate.'),
    affinity: anything().optional().describe('Kubernetes affinity.'),
    env: z
      .array(z.strictObject({ name: text(1, 253).describe('Name.'), value: text(0, 32_768).describe('Value.') }))
      .max(64)
      .default([])
      .describe('Additional environment variables. Default: none.'),
  })
  .prefault({})
  .describe('Settings of the pods.')
