/** A column of `kubectl get`; the name column comes first by itself. */
export interface PrinterColumn {
  /** kubectl prints it in capitals. */
  name: string
  /** `integer` cuts a fraction off, `date` prints the time since. */
  type: 'string' | 'integer' | 'date'
  jsonPath: string
  description: string
  /** 1: shown by `-o wide` only. */
  priority?: 1
}

const condition = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`

const ready: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: condition('Ready', 'status'), description: 'Whether everything that was asked for is there and works.' }
const reason: PrinterColumn = { name: 'Reason', type: 'string', jsonPath: condition('Ready', 'reason'), description: 'Why it is ready or not, in one word.', priority: 1 }
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since it was made.' }

/** The columns of both kinds. */
export const printerColumns: Record<'DetectionPipeline' | 'DeviceFleet', PrinterColumn[]> = {
  DetectionPipeline: [
    { name: 'Topic', type: 'string', jsonPath: '.spec.source.topic.name', description: 'Topic that readings arrive on.' },
    { name: 'Detector', type: 'string', jsonPath: '.status.detector', description: 'Model that judges.' },
    ready,
    { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas', description: 'Detectors running.' },
    { name: 'Lag', type: 'integer', jsonPath: '.status.lag.total', description: 'Records waiting.' },
    { name: 'Readings/s', type: 'integer', jsonPath: '.status.readingsPerSecond', description: 'Readings processed each second.' },
    { name: 'Anomalies(1h)', type: 'integer', jsonPath: '.status.anomalies.lastHour', description: 'Anomalies found in the last hour.' },
    age,
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'One word for the state.', priority: 1 },
    reason,
    { name: 'Drain', type: 'string', jsonPath: '.status.lag.drainTime', description: 'Time to work off what waits.', priority: 1 },
    { name: 'Watermark', type: 'string', jsonPath: '.status.watermark', description: 'Event time up to which every partition is complete.', priority: 1 },
  ],
  DeviceFleet: [
    { name: 'Topic', type: 'string', jsonPath: '.spec.topic.name', description: 'Topic that readings are sent to.' },
    { name: 'Devices', type: 'integer', jsonPath: '.status.devices', description: 'Devices that the fleet has.' },
    { name: 'Active', type: 'integer', jsonPath: '.status.activeDevices', description: 'Devices sending.' },
    ready,
    { name: 'Rate', type: 'integer', jsonPath: '.status.achievedRate', description: 'Records sent each second.' },
    { name: 'Sent', type: 'integer', jsonPath: '.status.sent', description: 'Records acknowledged.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'One word for the state.' },
    age,
    reason,
    { name: 'Errors', type: 'integer', jsonPath: '.status.sendErrors', description: 'Records that could not be sent.', priority: 1 },
    { name: 'Completed', type: 'date', jsonPath: '.status.completionTime', description: 'Time since the fleet was done.', priority: 1 },
  ],
}
