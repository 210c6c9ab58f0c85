export { aConfig } from './a-config.ts'
export { DetectorProcess } from './detector-process.ts'
export { plainModel, plainThreshold } from './plain-model.ts'
export { TopologyDriver, type DrivenRecord, type DrivenWindow, type TopologyDriverOptions } from './topology-driver.ts'
