export { aConfig } from './a-config.ts'
export { plainModel, plainThreshold } from './plain-model.ts'
export { TopologyDriver, type DrivenRecord, type DrivenWindow, type TopologyDriverOptions } from './topology-driver.ts'
