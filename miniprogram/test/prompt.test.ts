// `prompt`: the user was signed out. The page is told, and no call logs in.

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Backend, problem } from './backend'
import { Phone, refusal } from './phone'
import { forward, site } from './stage'

let backend: Backend

beforeEach(async () => {
  backend = await new Backend(await site()).start()
})
afterEach(() => backend.stop())

test('two phones under the single-device switch do not fight', async () => {
  const at = await site({ WXLOGIN_SINGLE_DEVICE_LOGIN: 'all' })
  const [old, young] = [new Phone(at, 'single'), new Phone(at, 'single')]
  const first = old.start()
  await first.session()
  const second = young.start()
  await second.session()
  await forward(31)
  const errors = await Promise.all(
    Array.from({ length: 20 }, () => refusal(first.session())),
  )
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['SESSION_REPLACED']))
  expect(errors[0]).toMatchObject({ action: 'prompt', text: '你的账号已在其他设备登录，请重新登录' })
  // The page is told once; later calls and the next start ask nobody and log in nowhere.
  const before = old.sent.length
  expect(await refusal(first.session())).toMatchObject({ action: 'prompt' })
  expect(await refusal(old.start().session())).toMatchObject({ code: 'SESSION_REPLACED' })
  expect(old.prompts.map(({ code }) => code)).toEqual(['SESSION_REPLACED', 'SESSION_REPLACED'])
  expect([old.logins, old.sent.length]).toEqual([1, before])
  await second.session()
  expect(young.prompts).toEqual([])
  // The user taps.
  await first.login()
  await first.session()
  expect([old.logins, young.logins]).toEqual([2, 1])
  await forward(31)
  expect(await refusal(second.session())).toMatchObject({ code: 'SESSION_REPLACED' })
})

test('a session that another device ended is told, and not made anew', async () => {
  const at = await site()
  const [one, other] = [new Phone(at, 'ended'), new Phone(at, 'ended')]
  const client = one.start()
  const { session } = await client.session()
  await other.start().endSession(session.id)
  expect(await refusal(client.session())).toMatchObject({ code: 'SESSION_REVOKED' })
  await new Promise(setImmediate)
  expect(one.prompts).toHaveLength(1)
  expect(one.logins).toBe(1)
})

test('a session that this phone’s own login replaced is no reason to ask', async () => {
  const phone = new Phone(await site(), 'own')
  const client = phone.start({ backends: [backend.base] })
  await client.session()
  // The refusal of a call that was sent with the old token comes after the new login.
  backend.instead = [{ status: 401, body: problem('SESSION_REPLACED', 'prompt', 401) }]
  const call = client.request({ url: `${backend.base}/slow` })
  const login = client.login()
  expect((await call).statusCode).toBe(200)
  await login
  expect(phone.prompts).toEqual([])
  expect(phone.logins).toBe(2)
})

test('too many devices end the silent login, until the user taps', async () => {
  const at = await site({ WXLOGIN_MAX_DEVICES: '1', WXLOGIN_DEVICE_OVERFLOW: 'refuse' })
  await new Phone(at, 'many').start().session()
  const phone = new Phone(at, 'many')
  const client = phone.start()
  expect(await refusal(client.session())).toMatchObject({ code: 'DEVICE_LIMIT', action: 'prompt' })
  expect(await refusal(client.session())).toMatchObject({ code: 'DEVICE_LIMIT' })
  expect([phone.logins, phone.prompts.length]).toEqual([1, 1])
  expect(await refusal(client.login())).toMatchObject({ code: 'DEVICE_LIMIT' })
  expect(phone.logins).toBe(2)
})
