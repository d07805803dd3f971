// wx.login: one at a time, and never longer than its own timer.

import type { ClientError, Platform } from './api'
import type { Errors } from './errors'

export class Codes {
  private last_: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly platform_: Platform,
    private readonly errors_: Errors,
    private readonly timeout_: number,
  ) {}

  /** A fresh code, which is good once. */
  next_(): Promise<string> {
    const code = this.last_.then(() => this.ask_())
    this.last_ = code.catch(() => undefined)
    return code
  }

  private ask_(): Promise<string> {
    return new Promise((resolve, reject) => {
      // WeChat's own `timeout` is not kept: some calls fail after a minute, some never end.
      const timer = setTimeout(() => reject(this.failure_('LOGIN_TIMEOUT', 'no answer')), this.timeout_)
      this.platform_.login({
        timeout: this.timeout_,
        success: ({ code }) => (code ? resolve(code) : reject(this.failure_('LOGIN_FAILED', 'no code'))),
        fail: ({ errMsg }) => reject(this.failure_('LOGIN_FAILED', errMsg)),
        complete: () => clearTimeout(timer),
      })
    })
  }

  private failure_(code: string, message: string): ClientError {
    return this.errors_.make_(code, 'retry', `wx.login: ${message}`)
  }
}
