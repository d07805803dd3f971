// One call: sent, judged, and repeated where the refusal's `action` says so.

import type { ClientError } from './api'
import { sleep, waitFor, type Limits } from './backoff'
import { randomName } from './bytes'
import type { Clock } from './clock'
import { isClientError } from './errors'
import type { Queue } from './queue'
import type { Held, Sessions } from './sessions'
import { hashOf, sign, targetOf } from './signing'

export type Header = Record<string, string>

/** What one attempt sends. It is prepared anew for each: a code is good once. */
export interface Attempt<T> {
  /** The SHA-256 of the body in hex; undefined where there is none. */
  bodyHash_?: string
  /** Send it; reject with a ClientError for a refusal or a failure. */
  send(header: Header): Promise<T>
}

export interface Call<T> {
  method: string
  url: string
  repeatable: boolean
  signed_: boolean
  /** `session` logs in where there is none, `held` does not, `none` is a login itself. */
  token: 'session' | 'held' | 'none'
  prepare_(): Promise<Attempt<T>>
}

interface Spent {
  retries: number
  logins: number
  keys: number
  clocks: number
}

export class Caller {
  /** Set once, by the client: a login is a call, and a call may need a login. */
  sessions_!: Sessions

  constructor(
    private readonly queue_: Queue,
    private readonly clock_: Clock,
    private readonly limits_: Limits,
  ) {}

  async call_<T>(call: Call<T>): Promise<T> {
    const spent: Spent = { retries: 0, logins: 0, keys: 0, clocks: 0 }
    for (;;) {
      const held = await this.held_(call)
      const keys = this.sessions_.keys_
      try {
        const attempt = await call.prepare_()
        const header = this.headerOf_(call, attempt, held)
        return await this.queue_.run(() => attempt.send(header()), call.token === 'none')
      } catch (error) {
        if (!isClientError(error)) throw error
        await this.recover_(error, call, { held, keys }, spent)
      }
    }
  }

  private async held_<T>({ token }: Call<T>): Promise<Held | null> {
    return token === 'session' ? this.sessions_.held_() : token === 'held' ? this.sessions_.current_ : null
  }

  /** The header of an attempt, made when its turn comes: a queue must not age the timestamp. */
  private headerOf_<T>(call: Call<T>, { bodyHash_ }: Attempt<T>, held: Held | null): () => Header {
    return () => {
      if (!held) return {}
      const header: Header = { Authorization: `Bearer ${held.token}` }
      if (!call.signed_) return header
      const timestamp = String(this.clock_.now())
      const nonce = randomName(24)
      const hash = bodyHash_ || hashOf('')
      const target = targetOf(call.url)
      return {
        ...header,
        ...(bodyHash_ ? { 'X-Wxlogin-Content-SHA256': bodyHash_ } : {}),
        'X-Wxlogin-Timestamp': timestamp,
        'X-Wxlogin-Nonce': nonce,
        'X-Wxlogin-Signature': sign(held.key, call.method, target, timestamp, nonce, hash),
      }
    }
  }

  /** Do what the refusal asks for and return, so that the call is repeated; or throw. */
  private async recover_<T>(
    error: ClientError,
    call: Call<T>,
    at: { held: Held | null; keys: number },
    spent: Spent,
  ): Promise<void> {
    const serverTime = error.problem && error.problem.server_time
    if (error.code === 'REQUEST_EXPIRED' && serverTime) {
      if (spent.clocks++ > 0) throw error
      return this.clock_.set(serverTime)
    }
    if (error.code === 'SESSION_KEY_EXPIRED') {
      if (spent.keys++ > 0) throw this.sessions_.buttonAgain_(error)
      return this.sessions_.renewKey_(at.keys)
    }
    if (error.action === 'relogin' || (error.action === 'prompt' && error.status === 401)) {
      return this.recoverLogin_(error, call, at.held, spent)
    }
    const wait = waitFor(error, spent.retries++, call.repeatable, this.limits_)
    if (wait === null) throw error
    return sleep(wait)
  }

  private async recoverLogin_<T>(
    error: ClientError,
    { token }: Call<T>,
    held: Held | null,
    spent: Spent,
  ): Promise<void> {
    if (token !== 'none') await this.sessions_.settled_()
    const codeOnly = error.code === 'CODE_INVALID' || error.code === 'CODE_USED'
    const superseded = !!held && this.sessions_.isSuperseded_(held)
    if (!codeOnly && !superseded) {
      if (token === 'held') throw error
      if (error.action === 'prompt') throw this.sessions_.end_(error, held)
    }
    if (spent.logins++ > 0) throw error
    if (codeOnly || token === 'none' || superseded) return
    return this.sessions_.replace_(held)
  }
}
