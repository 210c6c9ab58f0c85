/** What JavaScript's regular expressions read otherwise than RE2, which the API server uses, or what RE2 does not have. */
const differences: [RegExp, string][] = [
  [/\(\?(?:[=!]|<[=!])/, 'RE2 has no look-around'],
  [/\\[1-9]|\\k</, 'RE2 has no references to groups'],
  [/\(\?</, 'RE2 spells named groups otherwise'],
  [/\\s|\\S/, '\\s is Unicode white space in JavaScript and ASCII in RE2: write the characters'],
  [/\\[uU]/, 'RE2 has no \\u: write the characters themselves'],
  [/\\[bB]/, '\\b differs inside brackets: write what may stand there'],
]

/**
 * Why a pattern may mean something else on the API server, or undefined.
 *
 * @param source of a `RegExp` without flags.
 */
export function checkPattern(source: string): string | undefined {
  for (const [pattern, problem] of differences) if (pattern.test(source)) return problem
  // Outside brackets a dot leaves out four line ends in JavaScript, one in RE2.
  if (/(?<!\\)(?:\\\\)*\./.test(source.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, ''))) return 'a dot leaves out other line ends in RE2: write the characters in brackets'
  const repeated = [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, low, high]) => [Number(low), Number(high ?? 0)])
  if (repeated.some((count) => count > 1_000)) return 'RE2 repeats at most 1000 times'
  return undefined
}
