import type { Feature } from './feature.ts'

/** The arithmetic mean. */
export const mean: Feature = { scale: 'linear', needs: {}, compute: (window) => window.mean }
