import type { Feature } from './feature.ts'

/** The smallest value. */
export const min: Feature = { scale: 'linear', needs: { extremes: true }, compute: (window) => window.min }
