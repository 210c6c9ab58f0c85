/** Who did what, one line for each request: the tests hold the operator's rights and its silence against it. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    // Watches end after minutes: they are told when they begin.
    { level: 'Metadata', verbs: ['watch'] },
    { level: 'Metadata', omitStages: ['ResponseStarted'] },
  ],
}
