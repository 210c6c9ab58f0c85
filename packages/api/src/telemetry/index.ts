export * from './accuracy.ts'
export * from './ledger.ts'
export * from './names.ts'
export * from './totals.ts'
