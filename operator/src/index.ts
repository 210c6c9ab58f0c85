export { environment, type OperatorConfig } from './config.ts'
export { createOperator, DefinitionsMissing, type Operator, type OperatorOptions, type Telemetry } from './operator.ts'
export { rbacRules, type RbacRule } from './shared/rbac.ts'
