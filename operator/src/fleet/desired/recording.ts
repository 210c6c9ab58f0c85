import type { ReplaySpec } from '@tidewatch/api'
import { configFolder } from '../../shared/pod.ts'

const folder = `${configFolder}/recording`

/** Where a recording lies in the pod, and how it comes there; undefined where the fleet replays none that a pod can read. */
export interface RecordingMount {
  /** What the simulator opens. */
  file: string
  volume: { name: string; [source: string]: unknown }
  volumeMount: { name: string; mountPath: string; readOnly: true }
}

export function buildRecordingMount(replay: ReplaySpec | undefined): RecordingMount | undefined {
  const volumeMount = { name: 'recording', mountPath: folder, readOnly: true } as const
  if (replay?.configMap !== undefined) {
    const { name, key } = replay.configMap
    return { file: `${folder}/${key}`, volume: { name: 'recording', configMap: { name, items: [{ key, path: key }] } }, volumeMount }
  }
  if (replay?.persistentVolumeClaim !== undefined) {
    const { claimName, path } = replay.persistentVolumeClaim
    return { file: `${folder}/${path.replace(/^\/+/, '')}`, volume: { name: 'recording', persistentVolumeClaim: { claimName, readOnly: true } }, volumeMount }
  }
  return undefined
}
