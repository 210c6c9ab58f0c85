/**
 * `2026-11-21T10:15:30.123000Z`: Kubernetes' MicroTime, six digits after the point.
 *
 * With three digits, as `toISOString` writes, the API server refuses a Lease: an operator that sends them never becomes the leader.
 */
export function formatMicroTime(nowMs: number): string {
  return new Date(nowMs).toISOString().replace('Z', '000Z')
}
