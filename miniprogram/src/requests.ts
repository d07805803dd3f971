// wx.request as a promise: one attempt of it, and the calls that repeat it.

import type { Platform, RequestOptions, Response } from './api'
import { bodyOf, withQuery, type Addresses } from './addresses'
import { isIdempotent, isSafe } from './backoff'
import type { Attempt, Call, Caller, Header } from './caller'
import { problemOf, type Errors } from './errors'
import { hashOf, type Body } from './signing'

const JSON_TYPE = 'application/json'
type Sent = Omit<RequestOptions, 'repeatable' | 'sign' | 'url' | 'method' | 'data' | 'header'>
type Token = Call<unknown>['token']

type Method = NonNullable<RequestOptions['method']>

export class Requests {
  constructor(
    private readonly platform_: Platform,
    private readonly addresses_: Addresses,
    private readonly caller_: Caller,
    private readonly errors_: Errors,
  ) {}

  /** A call of the page's: any answer but a refusal by wxlogin is the page's to judge. */
  async request<T>(options: RequestOptions): Promise<Response<T>> {
    const { url, data, header = {}, repeatable, sign, ...sent } = options
    const method = (options.method || 'GET').toUpperCase() as Method
    const safe = isSafe(method)
    const whole = this.addresses_.resolve_(safe ? withQuery(url, data) : url)
    const given = contentType(header)
    const body = safe ? '' : bodyOf(data, given)
    const own = given ? header : { ...header, 'Content-Type': JSON_TYPE }
    return this.caller_.call_<Response<T>>({
      method,
      url: whole,
      repeatable: repeatable === undefined ? isIdempotent(method) : repeatable,
      signed_: sign === undefined ? !safe : sign,
      token: 'session',
      prepare_: async () =>
        this.attempt_<T>(method, whole, body, own, sent),
    })
  }

  /** The body of a success of wxlogin's. `fields` are asked for anew before each attempt. */
  async own_<T>(
    method: Method,
    path: string,
    fields?: object | (() => Promise<object>),
    { repeatable = true, token = 'session' }: { repeatable?: boolean; token?: Token } = {},
  ): Promise<T> {
    const url = this.addresses_.resolve_(path)
    const answer = await this.caller_.call_<Response<T>>({
      method,
      url,
      repeatable,
      signed_: !isSafe(method),
      token,
      prepare_: async () => {
        const given = typeof fields === 'function' ? await (fields as () => Promise<object>)() : fields
        const body = given ? JSON.stringify(given) : ''
        const attempt = this.attempt_<T>(method, url, body, { 'Content-Type': JSON_TYPE }, {})
        return { ...attempt, send: async (header) => this.checked_(await attempt.send(header)) }
      },
    })
    return answer.data
  }

  /** wxlogin answers 2xx or a refusal; a proxy before it may answer anything. */
  private checked_<T>(answer: Response<T>): Response<T> {
    const { statusCode, data } = answer
    if (statusCode < 200 || statusCode > 299 || typeof data !== 'object') {
      throw this.errors_.unexpected_(statusCode)
    }
    return answer
  }

  private attempt_<T>(
    method: Method,
    url: string,
    body: Body,
    own: Header,
    sent: Sent,
  ): Attempt<Response<T>> {
    const empty = body === ''
    return {
      bodyHash_: empty ? undefined : hashOf(body),
      send: (header) =>
        new Promise((resolve, reject) => {
          this.platform_.request({
            ...sent,
            url,
            method,
            ...(empty ? {} : { data: body }),
            header: { ...own, ...header },
            success: (answer) => {
              const problem = problemOf(answer.statusCode, answer.data)
              if (problem) reject(this.errors_.refused_(problem, answer.header))
              else resolve(answer as unknown as Response<T>)
            },
            fail: (result) => reject(this.errors_.failed_(result)),
          })
        }),
    }
  }
}

function contentType(header: Record<string, unknown>): string {
  const found = Object.entries(header).find(([name]) => /^content-type$/i.test(name))
  return found ? String(found[1]) : ''
}
