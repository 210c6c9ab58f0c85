import type { Feature } from './feature.ts'
import { collectValues } from './quantile.ts'

/** The number of different values; of the sample where a pane kept only a sample. */
export const distinct: Feature = {
  scale: 'log',
  needs: { samples: true },
  compute: (window) => new Set(collectValues(window)).size,
}
