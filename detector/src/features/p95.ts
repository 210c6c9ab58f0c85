import type { Feature } from './feature.ts'
import { computeQuantile } from './quantile.ts'

/** The value that 95 % of the readings do not pass. */
export const p95: Feature = { scale: 'linear', needs: { samples: true }, compute: (window) => computeQuantile(window, 0.95) }
