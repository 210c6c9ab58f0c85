import { readFileSync } from 'node:fs'
import { defineError, messageOf } from '@tidewatch/kit'

/** What was asked for on the command line cannot be done. The message names the option and what it takes. */
export const OptionInvalid = defineError('OPTION_INVALID', { retry: 'never' })

/**
 * A list of whole numbers, `1000,10000`.
 *
 * @throws OptionInvalid where one is no whole number, or out of the range.
 */
export function readCounts(option: string, text: string, { least = 1, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {}): number[] {
  return text.split(',').map((part) => {
    const count = Number(part)
    if (/^\d+$/.test(part.trim()) && count >= least && count <= most) return count
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
    throw new OptionInvalid(`--${option} ${text}: "${part}" is no whole number ${range}; write them like 1000,10000`)
  })
}

/** One whole number. @throws OptionInvalid */
export function readCount(option: string, text: string, range: { least?: number; most?: number } = {}): number {
  const [count, ...more] = readCounts(option, text, range)
  if (count === undefined || more.length > 0) throw new OptionInvalid(`--${option} ${text}: takes one number`)
  return count
}

/**
 * A list of names, each one of those that are known.
 *
 * @throws OptionInvalid naming them.
 */
export function readNames<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((part) => {
    const name = known.find((one) => one === part)
    if (name === undefined) throw new OptionInvalid(`--${option} ${text}: there is no "${part}"; name ${known.join(', ')}`)
    return name
  })
}

/**
 * What an earlier run has written with --json.
 *
 * @param isResult whether it is what this command writes.
 * @throws OptionInvalid where it cannot be read, or is something else.
 */
export function readEarlier<Result>(option: string, file: string, isResult: (content: unknown) => boolean): Result {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OptionInvalid(`--${option} ${file}: ${messageOf(error)}`, { cause: error })
  }
  if (!isResult(content)) throw new OptionInvalid(`--${option} ${file}: is not what --json of this command writes`)
  return content as Result
}
