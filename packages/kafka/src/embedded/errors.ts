import { defineError } from '@tidewatch/kit'

export const JavaMissing = defineError('JAVA_MISSING', { retry: 'never' })
export const MavenMissing = defineError('MAVEN_MISSING', { retry: 'never' })
/** The jars could not be fetched, though Maven is there. */
export const JarsMissing = defineError('KAFKA_JARS_MISSING', { retry: 'backoff' })
export const DiskFull = defineError('DISK_FULL', { retry: 'never' })
/** The broker ended without being asked to, or never answered. */
export const BrokerDied = defineError('BROKER_DIED', { retry: 'never' })
