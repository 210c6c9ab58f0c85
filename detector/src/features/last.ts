import type { Feature } from './feature.ts'

/** The value of the latest reading in event time; of several of one moment, the one that arrived last. */
export const last: Feature = { scale: 'linear', needs: { ends: true }, compute: (window) => window.last }
