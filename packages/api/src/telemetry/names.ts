/** The detectors' metrics, by what they tell. The names are a promise to dashboards, so they are written once here. */
export const detectorMetrics = {
  processed: 'events_processed_total',
  anomalies: 'anomalies_detected_total',
  latency: 'processing_latency_seconds',
  latencyMax: 'tidewatch_detector_processing_latency_max_seconds',
  late: 'tidewatch_detector_records_late_total',
  deadLetters: 'tidewatch_detector_dead_letters_total',
  windows: 'tidewatch_detector_windows_total',
  windowsJudged: 'tidewatch_detector_windows_judged_total',
  windowsIncomplete: 'tidewatch_detector_windows_incomplete_total',
  openWindows: 'tidewatch_detector_open_windows',
  keys: 'tidewatch_detector_keys',
  partitionsGrowing: 'tidewatch_detector_partitions_growing',
  watermark: 'tidewatch_detector_watermark_timestamp_seconds',
  stateBytes: 'tidewatch_detector_state_bytes',
  normalWindows: 'tidewatch_detector_normal_windows_total',
  faultWindows: 'tidewatch_detector_fault_windows_total',
  falseAlarms: 'tidewatch_detector_false_alarms_total',
  incidents: 'tidewatch_detector_fault_incidents_total',
  incidentsDetected: 'tidewatch_detector_fault_incidents_detected_total',
  incidentsUnjudged: 'tidewatch_detector_fault_incidents_unjudged_total',
  detectionDelay: 'tidewatch_detector_detection_delay_seconds',
} as const

/** The simulators' metrics. */
export const simulatorMetrics = {
  sent: 'tidewatch_simulator_records_sent_total',
  sendErrors: 'tidewatch_simulator_send_errors_total',
  faulty: 'tidewatch_simulator_faulty_records_total',
  activeDevices: 'tidewatch_simulator_active_devices',
  rate: 'tidewatch_simulator_rate',
} as const
