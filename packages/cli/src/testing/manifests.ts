/** A valid pipeline as text; `replace` swaps lines for others. */
export function pipelineText(replace: Record<string, string> = {}): string {
  return swap(
    `apiVersion: tidewatch.dev/v1alpha1
kind: DetectionPipeline
metadata:
  name: hvac
spec:
  kafka:
    clusterRef: { name: my-cluster }
  source:
    topic: { name: readings, partitions: 4 }
    preset: SensorReading
  window:
    sliding:
      size: 60s
      slide: 10s
  detector:
    microClusters: {}
  delivery: AtLeastOnce
`,
    replace,
  )
}

/** A valid fleet as text, sending to the same topic. */
export function fleetText(replace: Record<string, string> = {}): string {
  return swap(
    `apiVersion: tidewatch.dev/v1alpha1
kind: DeviceFleet
metadata:
  name: hvac
spec:
  kafka:
    clusterRef: { name: my-cluster }
  topic: { name: readings, partitions: 4 }
  format: { preset: SensorReading }
  devices: { count: 10 }
  profiles:
    - name: sensor
      signals: [{ name: temperature, base: 20 }]
`,
    replace,
  )
}

function swap(text: string, replace: Record<string, string>): string {
  return Object.entries(replace).reduce((current, [from, to]) => {
    if (!current.includes(from)) throw new Error(`the sample does not hold "${from}"`)
    return current.replace(from, to)
  }, text)
}
