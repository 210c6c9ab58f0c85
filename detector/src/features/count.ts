import type { Feature } from './feature.ts'

/** The number of readings, duplicates included. */
export const count: Feature = { scale: 'log', needs: {}, compute: (window) => window.count }
