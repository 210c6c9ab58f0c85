import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { SnapshotReader } from '../snapshot/reader.ts'
import { joinPieces, SnapshotWriter } from '../snapshot/writer.ts'
import { Telling } from './telling.ts'

/** What comes of windows of a minute each: `!` anomalous, `.` normal; `T` told, `c` and `s` held back by consecutive and suppressFor. */
function outcomes(windows: string, rules: { consecutive: number; suppressForMs: number }, telling = new Telling(), fromMs = 0): string {
  return [...windows]
    .map((window, i) => {
      const held = telling.observe(window === '!', fromMs + (i + 1) * 60_000, rules)
      if (window !== '!') return held === undefined ? '.' : '?'
      return held === undefined ? 'T' : held === 'consecutive' ? 'c' : 's'
    })
    .join('')
}

const minutes = (count: number): number => count * 60_000

describe('without rules', () => {
  test('every anomalous window is told', () => {
    expect(outcomes('.!!..!.!!!', { consecutive: 1, suppressForMs: 0 })).toBe('.TT..T.TTT')
  })
})

describe('consecutive', () => {
  test.each([
    [1, '!.!!', 'T.TT'],
    [2, '!.!!!', 'c.cTT'],
    [3, '!!.!!.!!!!', 'cc.cc.ccTT'],
    // Fewer normal ones than that do not end it.
    [2, '!!.!.!..!!', 'cT.T.T..cT'],
    [3, '!!!..!...!!!', 'ccT..T...ccT'],
    [3, '.......', '.......'],
  ])('%i: of %s comes %s', (consecutive, windows, expected) => {
    expect(outcomes(windows, { consecutive, suppressForMs: 0 })).toBe(expected)
  })
})

describe('suppressFor', () => {
  test('counts from the end of the window that was told, and what it held back does not prolong it', () => {
    expect(outcomes('!!!!!!!', { consecutive: 1, suppressForMs: minutes(3) })).toBe('TssTssT')
  })

  test('goes on over normal windows', () => {
    expect(outcomes('!..!..!!', { consecutive: 1, suppressForMs: minutes(5) })).toBe('T..s..Ts')
  })

  test('holds back a reading that lies before the last told: readings without a window come in any order', () => {
    const telling = new Telling()
    const rules = { consecutive: 1, suppressForMs: 1_000 }
    expect([50_000, 49_000, 20_000, 50_500, 51_000, 60_000].map((ms) => telling.observe(true, ms, rules))).toEqual([undefined, 'suppressFor', 'suppressFor', 'suppressFor', undefined, undefined])
  })

  test('of nothing lets such a reading pass', () => {
    const telling = new Telling()
    expect([50_000, 20_000].map((ms) => telling.observe(true, ms, { consecutive: 1, suppressForMs: 0 }))).toEqual([undefined, undefined])
  })
})

test('together a row must be complete before anything is suppressed, as drawn in the documentation', () => {
  expect(outcomes('.!!.!!!!!.!!...!', { consecutive: 3, suppressForMs: minutes(5) })).toBe('.cc.ccTss.sT...c')
})

test('rules that were changed take what was told under the old ones for what it is', () => {
  const telling = new Telling()
  expect(outcomes('!!', { consecutive: 5, suppressForMs: 0 }, telling)).toBe('cc')
  expect(outcomes('!!', { consecutive: 3, suppressForMs: 0 }, telling, minutes(2))).toBe('TT')
  expect(outcomes('!!', { consecutive: 1, suppressForMs: minutes(2) }, telling, minutes(4))).toBe('sT')
})

test('it goes on from its snapshot wherever that is taken', () => {
  const draw = mulberry32(3)
  const windows = Array.from({ length: 200 }, () => (draw() < 0.5 ? '!' : '.')).join('')
  const rules = { consecutive: 2, suppressForMs: minutes(4) }
  const whole = outcomes(windows, rules)
  expect(new Set(whole)).toEqual(new Set('.Tcs'))
  for (let cut = 0; cut <= windows.length; cut++) {
    const first = new Telling()
    const before = outcomes(windows.slice(0, cut), rules, first)
    const writer = new SnapshotWriter()
    first.writeTo(writer)
    writer.finish()
    const second = Telling.readFrom(new SnapshotReader(joinPieces(writer.takePieces())))
    expect(before + outcomes(windows.slice(cut), rules, second, minutes(cut))).toBe(whole)
  }
})
