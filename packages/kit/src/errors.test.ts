import { expect, test } from 'vitest'
import { AppError, codeOf, defineError, messageOf } from './errors.ts'

const DiskFull = defineError('DISK_FULL', { retry: 'never' })

test('a defined error carries its code, its retry class and its cause', () => {
  const cause = new Error('ENOSPC')
  const error = new DiskFull('The disk is full: free some space', { cause })
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'DISK_FULL', name: 'DISK_FULL', retry: 'never', cause, message: 'The disk is full: free some space' })
  expect(DiskFull.code).toBe('DISK_FULL')
})

test('messages of causes are appended once', () => {
  expect(messageOf(new Error('outer', { cause: new Error('inner') }))).toBe('outer: inner')
  expect(messageOf(new Error('outer: inner', { cause: new Error('inner') }))).toBe('outer: inner')
  expect(messageOf('text')).toBe('text')
})

test('codes are read from anything', () => {
  expect(codeOf(Object.assign(new Error('x'), { code: 'EADDRINUSE' }))).toBe('EADDRINUSE')
  expect(codeOf(null)).toBeUndefined()
  expect(codeOf({ code: 5 })).toBeUndefined()
})
