import type { Feature } from './feature.ts'

/** The largest value. */
export const max: Feature = { scale: 'linear', needs: { extremes: true }, compute: (window) => window.max }
