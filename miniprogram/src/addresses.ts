// Which addresses get the token, and how an address and its data become what is sent.

import type { ClientError } from './api'
import { escape, isBuffer } from './bytes'
import type { Errors } from './errors'
import type { Body } from './signing'

export type Data = string | WechatMiniprogram.IAnyObject | ArrayBuffer | undefined

export class Addresses {
  private readonly bases_: string[]

  constructor(
    private readonly base_: string,
    backends: string[],
    private readonly errors_: Errors,
  ) {
    this.bases_ = [base_, ...backends.map(trimmed)]
  }

  /** The whole address, as it stands on the wire; throws where the token must not go. */
  resolve_(url: string): string {
    const whole = url[0] === '/' ? this.base_ + url : url
    if (!this.bases_.some((base) => isBelow(whole, base))) throw this.stranger_(url)
    return escaped(whole.replace(/#.*$/, ''))
  }

  private stranger_(url: string): ClientError {
    const message = `${url.replace(/[?#].*$/, '')} is below neither baseUrl nor backends`
    return this.errors_.make_('ADDRESS_NOT_OURS', 'fix', message)
  }
}

/** A base without the slashes at its end. */
export function trimmed(base: string): string {
  return base.replace(/\/+$/, '')
}

/** An address with the fields of a GET behind it, as wx.request would put them there. */
export function withQuery(url: string, data: Data): string {
  const query = typeof data === 'object' && !isBuffer(data) ? form(data) : ''
  return query ? `${url}${url.indexOf('?') < 0 ? '?' : '&'}${query}` : url
}

/** The body that is sent: what is signed has to be written here, not by the platform. */
export function bodyOf(data: Data, contentType: string): Body {
  if (data === undefined || data === null) return ''
  if (typeof data === 'string' || isBuffer(data)) return data
  return /x-www-form-urlencoded/i.test(contentType) ? form(data) : JSON.stringify(data)
}

function form(data: WechatMiniprogram.IAnyObject): string {
  return Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
      return `${escape(name)}=${escape(text)}`
    })
    .join('&')
}

function isBelow(url: string, base: string): boolean {
  return url.slice(0, base.length) === base && /^([/?#]|$)/.test(url.slice(base.length))
}

/** What has no place in a request line, escaped; what is escaped stays as it is. */
function escaped(url: string): string {
  return url.replace(/[^\x21-\x7e]+/g, escape)
}
