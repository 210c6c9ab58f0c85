import type { Feature } from './feature.ts'

/** The slope of the least-squares line through the readings, per second of event time; 0 where all are of one moment. */
export const slope: Feature = {
  scale: 'linear',
  needs: { trend: true },
  compute: ({ timeM2, timeValue }) => (timeM2 > 0 ? timeValue / timeM2 : 0),
}
