import { defineError } from '@tidewatch/kit'

/** A Secret that a manifest names is not there. */
export const SecretMissing = defineError('SECRET_MISSING', { retry: 'backoff' })
/** A Secret is there and lacks the key that is named. */
export const SecretKeyMissing = defineError('SECRET_KEY_MISSING', { retry: 'backoff' })
/** Kafka gave no answer in the time that a reconcile can wait. */
export const KafkaSlow = defineError('KAFKA_UNREACHABLE', { retry: 'backoff' })
