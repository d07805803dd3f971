// The signature of a request (section "Signed requests" of wxlogin's docs).

import { _SHA256 } from '@noble/hashes/sha2.js'

import { base64, hex, isBuffer, utf8 } from './bytes'

const sha256 = (bytes: Uint8Array): Uint8Array => new _SHA256().update(bytes).digest()

export type Body = string | ArrayBuffer

/** The SHA-256 of a body, in hex; an empty body hashes as the empty string. */
export function hashOf(body: Body): string {
  return hex(sha256(isBuffer(body) ? new Uint8Array(body) : utf8(body)))
}

/** What stands in the request line: all of an address behind its host, as it is sent. */
export function targetOf(url: string): string {
  const target = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  return target[0] === '/' ? target : `/${target}`
}

/** The HMAC-SHA256 of the five lines that are signed, in hex. */
export function sign(
  key: string,
  method: string,
  target: string,
  timestamp: string,
  nonce: string,
  bodyHash_: string,
): string {
  const message = [method, target, timestamp, nonce, bodyHash_].join('\n')
  return hex(hmac(base64(key), utf8(message)))
}

const BLOCK = 64

/** HMAC-SHA256 (RFC 2104). The package's own hmac serves every hash, at three times the size. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(key.length > BLOCK ? sha256(key) : key)
  const padded = (pad: number, rest: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(BLOCK + rest.length)
    bytes.set(block.map((byte) => byte ^ pad))
    bytes.set(rest, BLOCK)
    return bytes
  }
  return sha256(padded(0x5c, sha256(padded(0x36, message))))
}
