import { mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { maxBounds, maxJumps, NoteFollower, ReplayNotes } from './replay-notes.ts'

/** Takes readings in as a topology would: refused where the clock says so. */
function aLog(length: number, seed: number, aheadMs: (draw: () => number) => number) {
  const draw = mulberry32(seed)
  const notes = new ReplayNotes()
  const readings: { eventTimeMs: number; isRefused: boolean }[] = []
  let maxMs = -Infinity
  for (let offset = 0; offset < length; offset++) {
    const nowMs = 1_000 * offset
    const eventTimeMs = nowMs + aheadMs(draw)
    const isRefused = eventTimeMs > nowMs + 2_000
    if (isRefused) notes.noteRefused(offset, eventTimeMs, maxMs)
    else {
      if (eventTimeMs >= notes.refusedFromMs) notes.noteTaken(offset)
      maxMs = Math.max(maxMs, eventTimeMs)
    }
    readings.push({ eventTimeMs, isRefused })
  }
  return { notes, readings }
}

test.each([
  ['a clock an hour ahead', 40, (draw: () => number) => (draw() < 0.2 ? 3_600_000 : 0)],
  ['clocks about as far ahead as is allowed', 40, (draw: () => number) => draw() * 4_000],
  ['so many that the oldest are forgotten', 400, (draw: () => number) => draw() * 4_000],
])('a follower refuses what was refused, from where the notes are complete: %s', (_, length, aheadMs) => {
  for (let seed = 0; seed < 50; seed++) {
    const { notes, readings } = aLog(length, seed, aheadMs)
    const state = notes.toState()
    expect(state.bounds.length).toBeLessThanOrEqual(maxBounds)
    for (let from = state.completeFrom; from < length; from += 7) {
      const follower = new NoteFollower(state)
      for (let offset = from; offset < length; offset++) expect(follower.wasRefused(offset, readings[offset]!.eventTimeMs)).toBe(readings[offset]!.isRefused)
    }
  }
})

test('one bound is enough for a clock that is an hour ahead', () => {
  const { notes } = aLog(3_000, 1, (draw) => (draw() < 0.2 ? 3_600_000 + draw() * 100 : 0))
  expect(notes.toState()).toMatchObject({ bounds: [[expect.any(Number), expect.any(Number)]], completeFrom: 0 })
  expect(notes.isCrowded).toBe(false)
})

test('looks at the clock that changed nothing are one jump, those that closed something stay apart', () => {
  const notes = new ReplayNotes()
  notes.noteJump(5, 100, false)
  notes.noteJump(5, 200, false)
  notes.noteJump(5, 300, true)
  notes.noteJump(5, 400, false)
  notes.noteJump(7, 500, true)
  expect(notes.toState().jumps).toEqual([[5, 300], [5, 400], [7, 500]])
  const follower = new NoteFollower(notes.toState())
  expect([4, 5, 5, 5, 6, 9, 9].map((offset) => follower.takeJump(offset))).toEqual([undefined, 300, 400, undefined, undefined, 500, undefined])
})

test('of too many jumps the oldest go, and it is said from where the others are all', () => {
  const notes = new ReplayNotes()
  for (let offset = 0; offset < maxJumps; offset++) notes.noteJump(offset, offset, true)
  expect(notes.toState().completeFrom).toBe(0)
  expect(notes.isCrowded).toBe(true)
  notes.noteJump(maxJumps, maxJumps, true)
  expect(notes.toState()).toMatchObject({ completeFrom: 1, jumps: { length: maxJumps } })
})

test('what nobody reads again is forgotten, and what still holds is not', () => {
  const notes = new ReplayNotes()
  for (const offset of [2, 4, 6]) notes.noteJump(offset, offset * 100, true)
  notes.noteRefused(3, 900, 100)
  notes.noteTaken(5)
  notes.forgetBefore(4)
  expect(notes.toState()).toEqual({ jumps: [[4, 400], [6, 600]], bounds: [[3, 900], [5, Infinity]], completeFrom: 3 })
  notes.forgetBefore(6)
  expect(notes.toState()).toEqual({ jumps: [[6, 600]], bounds: [[5, Infinity]], completeFrom: 5 })
})

test('notes go on after they were read', () => {
  const { notes, readings } = aLog(30, 3, (draw) => draw() * 4_000)
  const copy = new ReplayNotes()
  copy.load(notes.toState())
  expect(copy.toState()).toEqual(notes.toState())
  expect(copy.refusedFromMs).toBe(notes.refusedFromMs)
  copy.noteJump(30, 1, true)
  expect(notes.toState().jumps).toEqual([])
  expect(readings).toHaveLength(30)
})
