import type { Feature } from './feature.ts'

/** The latest value less the earliest, in event time. */
export const delta: Feature = { scale: 'linear', needs: { ends: true }, compute: (window) => window.last - window.first }
