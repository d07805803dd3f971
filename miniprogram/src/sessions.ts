// The session that the phone holds: how it is got, kept, and how it ends.

import type { ClientError, Login } from './api'
import { isClientError, type Errors } from './errors'
import type { Storage } from './storage'

const SESSION = 'session'
/** Seconds for which a refused silent login is not tried again: WeChat counts wx.login. */
const PAUSE_SECONDS = 30

export interface Held {
  token: string
  key: string
}

/** The answer of `POST /v1/login`. */
export interface LoginAnswer extends Login {
  token: string
  signing: { key: string }
}

/** How a session is made, and how WeChat's session_key is renewed. */
export interface Entry {
  login(): Promise<LoginAnswer>
  renewKey(): Promise<void>
}

export class Sessions {
  current_: Held | null = null
  /** How often the session_key was renewed. */
  keys_ = 0
  /** Why nobody may log in silently: the user was signed out. */
  private ended_: ClientError | null = null
  private told_ = false
  private refused_: { error: ClientError; until: number } | null = null
  private signing_: Promise<LoginAnswer> | null = null
  private renewing_: Promise<void> | null = null

  constructor(
    private readonly storage_: Storage,
    private readonly errors_: Errors,
    private readonly entry_: Entry,
    private readonly onPrompt_: (error: ClientError) => void,
  ) {
    this.read_()
  }

  /** The session; made silently where there is none and nobody was signed out. */
  async held_(): Promise<Held> {
    if (this.current_) return this.current_
    if (!this.signing_) {
      if (this.ended_) throw this.tell_(this.ended_)
      if (this.refused_ && Date.now() < this.refused_.until) throw this.refused_.error
    }
    await this.signIn_()
    return this.held_()
  }

  /** Sign in because the user asked; shares a login that is under way. */
  async login(): Promise<Login> {
    const { user, session, ended } = await this.signIn_()
    return { user, session, ended }
  }

  /** Make a session in the place of a dead one, unless another call has done so. */
  async replace_(dead: Held | null): Promise<void> {
    if (this.current_ === dead) this.current_ = null
    await this.held_()
  }

  /** Whether the phone holds another session by now. */
  isSuperseded_(held: Held): boolean {
    return !!this.current_ && this.current_ !== held
  }

  /** The user was signed out: no call logs in from now on. */
  end_(error: ClientError, held: Held | null): ClientError {
    if (this.current_ === held) this.forget_(error)
    return this.tell_(error)
  }

  /** The user left by this phone, and knows it. */
  leave_(): void {
    this.forget_(this.signedOut_('SIGNED_OUT'))
    this.told_ = true
  }

  /** Wait until no login is under way. */
  async settled_(): Promise<void> {
    if (this.signing_) await this.signing_.catch(() => undefined)
  }

  /** Renew the session_key, unless that happened since `keys` was read. */
  async renewKey_(keys: number): Promise<void> {
    if (this.keys_ !== keys) return
    this.renewing_ =
      this.renewing_ ||
      this.entry_.renewKey().then(
        () => this.renewed_(),
        (error: unknown) => {
          this.renewing_ = null
          throw error
        },
      )
    await this.renewing_
  }

  /** What is left when a fresh session_key did not help: the user presses the button again. */
  buttonAgain_(error: ClientError): ClientError {
    return error.problem ? this.errors_.refused_(error.problem, {}, 'reauthorize') : error
  }

  private renewed_(): void {
    this.keys_ += 1
    this.renewing_ = null
  }

  private signIn_(): Promise<LoginAnswer> {
    if (!this.signing_) {
      const done = (): void => {
        this.signing_ = null
      }
      this.signing_ = this.entry_.login().then(
        (answer) => {
          done()
          this.take_(answer)
          return answer
        },
        (error: unknown) => {
          done()
          throw this.refuse_(error)
        },
      )
    }
    return this.signing_
  }

  private take_({ token, signing }: LoginAnswer): void {
    this.current_ = { token, key: signing.key }
    this.keys_ += 1
    this.ended_ = this.refused_ = null
    this.told_ = false
    this.storage_.set(SESSION, this.current_)
  }

  private refuse_(error: unknown): unknown {
    if (!isClientError(error)) return error
    if (error.action === 'prompt') {
      this.forget_(error)
      return this.tell_(error)
    }
    if (error.status) {
      const seconds = error.retryAfter === undefined ? PAUSE_SECONDS : error.retryAfter
      this.refused_ = { error, until: Date.now() + seconds * 1000 }
    }
    return error
  }

  private forget_(error: ClientError): void {
    this.current_ = null
    this.ended_ = error
    this.told_ = false
    this.storage_.set(SESSION, { ended: error.code })
  }

  /** Tell the page once, however many calls are refused. */
  private tell_(error: ClientError): ClientError {
    if (!this.told_) {
      this.told_ = true
      // Later, so that a fault in the page's callback is not taken for the call's.
      Promise.resolve().then(() => this.onPrompt_(error))
    }
    return error
  }

  private read_(): void {
    const kept = this.storage_.get(SESSION) as (Partial<Held> & { ended?: string }) | undefined | ''
    if (!kept) return
    if (kept.ended) this.ended_ = this.signedOut_(kept.ended)
    else if (kept.token && kept.key) this.current_ = { token: kept.token, key: kept.key }
  }

  private signedOut_(code: string): ClientError {
    return this.errors_.make_(code, 'prompt', 'call login() on a tap')
  }
}
