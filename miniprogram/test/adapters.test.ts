// Taro and uni-app in the place of `wx`, by the adapters that are built beside the client.

import { createRequire } from 'node:module'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Platform } from '../src/api'
import { Backend, sha256 } from './backend'
import { taroOf, uniOf } from './frameworks'
import { Phone, refusal } from './phone'
import { site } from './stage'

const require = createRequire(import.meta.url)
const { fromTaro } = require('../dist/taro.js') as { fromTaro(taro: object): Platform }
const { fromUni } = require('../dist/uni.js') as { fromUni(uni: object): Platform }
const FRAMEWORKS = [
  ['taro', (phone: Phone, files = true) => fromTaro(taroOf(phone, files))],
  ['uni-app', (phone: Phone, files = true) => fromUni(uniOf(phone, files))],
] as const

let backend: Backend

beforeEach(async () => {
  backend = await new Backend(await site()).start()
})
afterEach(() => backend.stop())

test.each(FRAMEWORKS)('%s: signs in, calls, and keeps the session for the next start', async (name, adapt) => {
  const phone = new Phone(await site(), `${name}1`)
  const { session } = await phone.start({ platform: adapt(phone) }).session()
  expect(session).toMatchObject({ platform: 'ios', device_name: 'iPhone 苹果 15' })
  const again = phone.start({ platform: adapt(phone) })
  expect((await again.session()).session.id).toBe(session.id)
  expect(phone.logins).toBe(1)
})

test.each(FRAMEWORKS)('%s: a signed body arrives, a file is hashed', async (name, adapt) => {
  const phone = new Phone(await site(), `${name}2`)
  const client = phone.start({ platform: adapt(phone), backends: [backend.base] })
  const url = `${backend.base}/orders`
  expect((await client.request({ url, method: 'POST', data: { item: 7 } })).statusCode).toBe(200)
  phone.files.set('photo', Buffer.from('photo'))
  await client.uploadFile({ url, filePath: 'photo', name: 'file' })
  expect(backend.got.map(({ hash }) => hash)).toEqual([
    sha256(Buffer.from('{"item":7}')),
    sha256(Buffer.from('photo')),
  ])
  expect(await client.downloadFile({ url })).toMatchObject({ statusCode: 200 })
})

test.each(FRAMEWORKS)('%s: a network that fails is told once, in words', async (name, adapt) => {
  const phone = new Phone(await site(), `${name}3`)
  const client = phone.start({ platform: adapt(phone), retries: 0 })
  await client.session()
  phone.offline = true
  // A promise of the framework's that nobody waits for would end this test.
  expect(await refusal(client.session())).toMatchObject({ code: 'NETWORK', text: '网络连接失败，请检查网络' })
})

test.each(FRAMEWORKS)('%s: without a file system a file goes unhashed', async (name, adapt) => {
  const phone = new Phone(await site(), `${name}4`)
  const platform = adapt(phone, false)
  const client = phone.start({ platform, backends: [backend.base] })
  phone.files.set('photo', Buffer.from('photo'))
  await client.uploadFile({ url: `${backend.base}/x`, filePath: 'photo', name: 'file' })
  expect(backend.got[0]?.hash).toBe('')
})
