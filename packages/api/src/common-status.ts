import * as z from 'zod'
import { text } from './text.ts'

/** More than anything that is counted here, and exact in a JSON number. */
export const maxCount = 1e15

/** A number of things observed. */
export const count = () => z.int().min(0).max(maxCount).optional()

/** A moment as Kubernetes writes it, in UTC. */
export const timestamp = () => z.iso.datetime()

/** Kubernetes' own shape of a condition. */
const conditions = z
  .array(
    z.strictObject({
      type: text(0, 316).describe('What is told.'),
      status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
      observedGeneration: count().describe('The generation it was told of.'),
      lastTransitionTime: timestamp().describe('When status last changed.'),
      reason: text(1, 1_024).describe('One word for programs.'),
      message: text(0, 32_768).describe('One sentence for people.'),
    }),
  )
  .max(32)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('The state in detail.')

/** What the status of either kind begins with. */
export const commonStatus = {
  phase: text(0, 64).optional().describe('One word for the state.'),
  conditions,
  observedGeneration: count().describe('The generation that was last acted on completely.'),
}
