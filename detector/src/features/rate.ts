import type { Feature } from './feature.ts'

/** Delta per second between the earliest and the latest reading; 0 where all are of one moment. */
export const rate: Feature = {
  scale: 'linear',
  needs: { ends: true },
  compute: ({ first, last, firstMs, lastMs }) => (lastMs > firstMs ? ((last - first) / (lastMs - firstMs)) * 1_000 : 0),
}
