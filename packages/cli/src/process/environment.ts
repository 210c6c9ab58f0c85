import { environmentPrefix } from '@tidewatch/kit'

/**
 * The environment of a child process: ours without our own settings, which a child refuses, and with its own.
 */
export function buildChildEnvironment(ours: Record<string, string | undefined>, own: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(ours).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith(environmentPrefix))
  return { ...Object.fromEntries(inherited), ...own }
}
