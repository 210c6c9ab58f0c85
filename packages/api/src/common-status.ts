import * as z from 'zod'

/** Kubernetes' own shape of a condition. */
const conditions = z
  .array(
    z.strictObject({
      type: z.string().max(316).describe('What is told.'),
      status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
      observedGeneration: z.int().min(0).optional().describe('The generation it was told of.'),
      lastTransitionTime: z.iso.datetime().describe('When status last changed.'),
      reason: z.string().min(1).max(1_024).describe('One word for programs.'),
      message: z.string().max(32_768).describe('One sentence for people.'),
    }),
  )
  .max(32)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('The state in detail.')

/** A number of things observed. */
export const count = () => z.int().min(0).optional()

/** What the status of either kind begins with. */
export const commonStatus = {
  phase: z.string().max(64).optional().describe('One word for the state.'),
  conditions,
  observedGeneration: count().describe('The generation that was last acted on completely.'),
}
