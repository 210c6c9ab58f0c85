/**
 * A simulator that was told to stop before it had sent everything ends with this, as a process killed by SIGTERM does: after
 * a 0 a Job would take the shard for complete and never make its pod again.
 */
export const interruptedSimulatorExitCode = 143
