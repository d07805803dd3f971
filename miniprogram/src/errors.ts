// Why a call failed: what wxlogin said, what the network did, what the client itself refuses.

import type { Action, ClientError, Language, Problem } from './api'
import { isBuffer, textOfBytes } from './bytes'
import { textOf } from './texts'

const TYPE = 'urn:wxlogin:error:'

/** Makes the errors of one client, whose texts are in one language. */
export class Errors {
  constructor(private readonly language_: Language) {}

  /** An error. Old base libraries break `class ... extends Error`, so it is made by hand. */
  make_(code: string, action: Action, message = '', status = 0): ClientError {
    const error = new Error(`${code}: ${message}`) as ClientError
    error.name = 'WxloginError'
    error.code = code
    error.action = action
    error.status = status
    error.text = textOf(code, action, this.language_)
    return error
  }

  /** A refusal by wxlogin; `action` where something else is to be done about it. */
  refused_(problem: Problem, header: object = {}, action = problem.action): ClientError {
    const error = this.make_(problem.code, action, problem.detail, problem.status)
    error.problem = problem
    error.requestId = problem.request_id
    const seconds = retryAfterOf(header)
    if (seconds >= 0) error.retryAfter = seconds
    return error
  }

  /** An answer that is neither success nor wxlogin's refusal: some proxy's, most likely. */
  unexpected_(status: number): ClientError {
    const action = status >= 502 && status <= 504 ? 'retry' : 'contact'
    return this.make_(`HTTP_${status}`, action, 'no answer of wxlogin', status)
  }

  /** What a platform's `fail` says. */
  failed_({ errMsg = '' }: { errMsg?: string }): ClientError {
    const make = (code: string, action: Action): ClientError => this.make_(code, action, errMsg)
    if (/domain list/i.test(errMsg)) return make('DOMAIN_NOT_ALLOWED', 'fix')
    if (/abort/i.test(errMsg)) return make('ABORTED', 'retry')
    return make(/time ?out/i.test(errMsg) ? 'TIMEOUT' : 'NETWORK', 'retry')
  }
}

/** Whether an error is one of the client's. */
export function isClientError(error: unknown): error is ClientError {
  return !!error && (error as ClientError).name === 'WxloginError'
}

/** The refusal in an answer's body, if it is wxlogin's; the platform may not have parsed it. */
export function problemOf(status: number, data: unknown): Problem | null {
  if (status < 400) return null
  let body = isBuffer(data) ? textOfBytes(data) : data
  if (typeof body === 'string') {
    try {
      body = JSON.parse(body) as unknown
    } catch {
      return null
    }
  }
  const problem = body as Problem | null
  return problem && String(problem.type).indexOf(TYPE) === 0 ? problem : null
}

/** The seconds that `Retry-After` names, or NaN. Platforms differ in the case of header names. */
function retryAfterOf(header: object): number {
  const found = Object.entries(header).find(([name]) => /^retry-after$/i.test(name))
  return found ? parseInt(String(found[1]), 10) : NaN
}
