import type { Feature } from './feature.ts'
import { computeQuantile } from './quantile.ts'

/** The middle value. */
export const median: Feature = { scale: 'linear', needs: { samples: true }, compute: (window) => computeQuantile(window, 0.5) }
