import type { Feature } from './feature.ts'

/** Largest less smallest value. */
export const range: Feature = { scale: 'log', needs: { extremes: true }, compute: (window) => window.max - window.min }
