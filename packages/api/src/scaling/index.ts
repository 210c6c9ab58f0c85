export * from './decide-replicas.ts'
export * from './policy.ts'
