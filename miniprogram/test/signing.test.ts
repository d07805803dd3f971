import { createHmac, createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { base64, textOfBytes, utf8 } from '../src/bytes'
import { hashOf, hmac, sign, targetOf } from '../src/signing'

const KEY = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='

test('the signature is the known answer of the contract', () => {
  const target = '/v1/logout?x=%E4%BD%A0&x=1'
  const hash = hashOf('{"scope":"all"}')
  expect(sign(KEY, 'POST', target, '1700000000', 'abcdefghijklmnop', hash)).toBe(
    '84a35aabd78f7cf42164e200b44ff8f916c0ab94b0007066acf662af02f5c9e1',
  )
})

test.each([0, 1, 20, 63, 64, 65, 131])('HMAC-SHA256 holds under a key of %i bytes', (length) => {
  const key = Uint8Array.from({ length }, (_, at) => at)
  const message = utf8('What do ya want for nothing?')
  const known = createHmac('sha256', key).update(message).digest('hex')
  expect(Buffer.from(hmac(key, message)).toString('hex')).toBe(known)
})

test.each(['', 'a', '你好，世界', '👨‍👩‍👧', 'a%20&+"\n\u0000', '\ud83d', 'x\udc00\udc00y', '\ud83d\ud83d\ude00'])(
  'the UTF-8 of %j is what goes over the wire',
  (text) => {
    expect(Buffer.from(utf8(text)).toString('hex')).toBe(Buffer.from(text).toString('hex'))
    expect(hashOf(text)).toBe(createHash('sha256').update(text).digest('hex'))
  },
)

test('bytes are read as UTF-8, and as nothing where they are none', () => {
  expect(textOfBytes(Uint8Array.from(Buffer.from('{"a":"你"}')).buffer)).toBe('{"a":"你"}')
  expect(textOfBytes(Uint8Array.from([0xff, 0xfe]).buffer)).toBe('')
})

test.each(['', 'a', 'ab', 'abc', '\u0000\u00ff\u0010'])('base64 of %j is read', (text) => {
  const bytes = Buffer.from(text, 'latin1')
  expect(Buffer.from(base64(bytes.toString('base64'))).equals(bytes)).toBe(true)
})

test('what is signed of an address is its request target', () => {
  expect(targetOf('https://a.example:8443/x?y=%2F//z')).toBe('/x?y=%2F//z')
  expect(targetOf('https://a.example')).toBe('/')
  expect(targetOf('https://a.example?x=1')).toBe('/?x=1')
})
