import type { Feature } from './feature.ts'

/** The sample standard deviation (divisor n - 1, as in SQL and pandas); 0 for a single reading. */
export const stddev: Feature = {
  scale: 'log',
  needs: {},
  compute: ({ count, m2 }) => (count > 1 ? Math.sqrt(Math.max(0, m2) / (count - 1)) : 0),
}
