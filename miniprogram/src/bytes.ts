// Bytes and texts: a mini-program has neither TextEncoder nor atob nor Buffer.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A text escaped for an address; half of a surrogate pair becomes U+FFFD, as on the wire. */
export function escape(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))
}

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  const escaped = escape(text)
  const bytes: number[] = []
  for (let at = 0; at < escaped.length; at++) {
    if (escaped[at] === '%') {
      bytes.push(parseInt(escaped.slice(at + 1, at + 3), 16))
      at += 2
    } else {
      bytes.push(escaped.charCodeAt(at))
    }
  }
  return Uint8Array.from(bytes)
}

/** The text of UTF-8 bytes; '' where they are none. */
export function textOfBytes(buffer: ArrayBuffer): string {
  const hex = Array.from(new Uint8Array(buffer), (byte) => `%${(byte + 256).toString(16).slice(1)}`)
  try {
    return decodeURIComponent(hex.join(''))
  } catch {
    return ''
  }
}

/** The bytes of a base64 text. */
export function base64(text: string): Uint8Array {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const letter of text.replace(/=+$/, '')) {
    held = ((held << 6) | ALPHABET.indexOf(letter)) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return Uint8Array.from(bytes)
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('')
}

/** Whether this is an ArrayBuffer, also one of the base library's own context. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}

/** Letters and digits that differ each time. They need not be secret. */
export function randomName(length: number): string {
  return Array.from({ length }, () => ALPHABET[Math.floor(Math.random() * 62)]).join('')
}
