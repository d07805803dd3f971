// How long to wait before a call is repeated, and whether it is repeated at all.

import type { ClientError } from './api'

const FIRST_MS = 500
const SAFE = ['GET', 'HEAD', 'OPTIONS']
const IDEMPOTENT = [...SAFE, 'PUT', 'DELETE']
/** Refused before anything was done, whatever the call is. */
const UNTOUCHED = ['RATE_LIMITED', 'REQUEST_EXPIRED']

export function isSafe(method: string): boolean {
  return SAFE.indexOf(method) >= 0
}

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.indexOf(method) >= 0
}

export interface Limits {
  retries: number
  maxWait: number
}

/** The wait in milliseconds before repetition `count` (from 0); null where there is none. */
export function waitFor(
  error: ClientError,
  count: number,
  repeatable: boolean,
  { retries, maxWait }: Limits,
): number | null {
  const may = error.action === 'retry' && (repeatable || UNTOUCHED.indexOf(error.code) >= 0)
  if (!may || count >= retries || error.code === 'ABORTED' || error.code === 'LOGIN_TIMEOUT') {
    return null
  }
  const step = FIRST_MS * 2 ** count
  // Retry-After is the least; jitter keeps phones that were refused together from coming together.
  const least = error.retryAfter === undefined ? step : error.retryAfter * 1000
  const wait = least + Math.random() * step
  return wait <= maxWait ? wait : null
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
