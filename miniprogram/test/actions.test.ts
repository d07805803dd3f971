// Each `action` that wxlogin may answer but `prompt`, and what the client does about it.

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Backend, problem } from './backend'
import { Phone, refusal } from './phone'
import { fault, forward, killRedis, LOGIN, now, restartRedis, sandbox, site } from './stage'

let backend: Backend

beforeEach(async () => {
  backend = await new Backend(await site()).start()
})
afterEach(() => backend.stop())

test('relogin: fifty calls on a dead session make one wx.login, and each is repeated once', async () => {
  const phone = new Phone(await site(), 'relogin1')
  await phone.start().session()
  await forward(604_801)
  const client = phone.start()
  const calls = Array.from({ length: 50 }, () => client.session())
  expect(new Set((await Promise.all(calls)).map(({ session }) => session.id)).size).toBe(1)
  expect(phone.logins).toBe(2)
  expect(phone.to('/v1/session').length).toBeLessThanOrEqual(1 + 50 + 50)
  expect(phone.prompts).toEqual([])
})

test('relogin: a call that is refused again after the login is not sent a third time', async () => {
  const phone = new Phone(await site(), 'relogin2')
  const client = phone.start({ backends: [backend.base] })
  backend.instead = Array(3).fill({ status: 401, body: problem('TOKEN_INVALID', 'relogin', 401) })
  const error = await refusal(client.request({ url: `${backend.base}/orders` }))
  expect(error).toMatchObject({ code: 'TOKEN_INVALID', action: 'relogin', status: 401 })
  expect([backend.got.length, phone.logins]).toEqual([2, 2])
})

test('relogin: a token that nobody knows is replaced silently', async () => {
  const phone = new Phone(await site(), 'relogin3')
  const key = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')
  const forged = { token: 'wxs_forged', key }
  phone.storage.set(`wxlogin:${phone.site.base}:session`, JSON.stringify(forged))
  await phone.start().session()
  expect([phone.logins, phone.prompts.length]).toEqual([1, 0])
})

test('relogin: a session_key that WeChat dropped is renewed, and the same data sent once more', async () => {
  const phone = new Phone(await site(), 'key1')
  const client = phone.start()
  const { session } = await client.session()
  await forward(1) // keys are told apart by when they came
  await sandbox(phone.site, 'rotate', { user: 'key1' })
  const detail = await sandbox<{ encryptedData: string; iv: string }>(phone.site, 'phone', {
    user: 'key1',
  })
  expect(await client.phone(detail)).toMatchObject({ countryCode: '86' })
  expect(phone.to('/v1/session/key')).toHaveLength(1)
  expect(phone.to('/v1/decrypt/phone')).toHaveLength(2)
  expect(phone.logins).toBe(2)
  expect((await client.session()).session.id).toBe(session.id)
})

test('relogin: where a fresh session_key does not help either, the button is pressed again', async () => {
  const phone = new Phone(await site(), 'key2')
  const client = phone.start({ backends: [backend.base] })
  backend.instead = Array(2).fill({
    status: 409,
    body: problem('SESSION_KEY_EXPIRED', 'relogin', 409),
  })
  const error = await refusal(client.request({ url: `${backend.base}/x`, method: 'POST' }))
  expect(error).toMatchObject({ code: 'SESSION_KEY_EXPIRED', action: 'reauthorize' })
  expect(error.text).toBe('请重新点击按钮授权')
  expect(backend.got).toHaveLength(2)
})

test('relogin: a call that hears of the session_key late, after another renewed it, renews nothing', async () => {
  const phone = new Phone(await site(), 'key4')
  const client = phone.start({ backends: [backend.base] })
  await client.session()
  backend.instead = [{ status: 409, body: problem('SESSION_KEY_EXPIRED', 'relogin', 409) }]
  backend.before = () => forward(1).then(() => client.renewSessionKey())
  expect((await client.request({ url: `${backend.base}/slow` })).statusCode).toBe(200)
  expect(phone.to('/v1/session/key')).toHaveLength(1)
})

test('relogin: ten calls whose session_key is gone renew it once', async () => {
  const phone = new Phone(await site(), 'key3')
  const client = phone.start()
  await client.session()
  await forward(1) // keys are told apart by when they came
  await sandbox(phone.site, 'rotate', { user: 'key3' })
  const detail = await sandbox<{ encryptedData: string; iv: string }>(phone.site, 'phone', {
    user: 'key3',
  })
  await Promise.all(Array.from({ length: 10 }, () => client.phone(detail)))
  expect(phone.to('/v1/session/key')).toHaveLength(1)
})

test('retry: while WeChat is out a login waits as it is told, and takes a fresh code', async () => {
  const phone = new Phone(await site(), 'retry1')
  await fault(phone.site, LOGIN, { errcode: -1 })
  await phone.start().session()
  expect(phone.logins).toBe(2)
  expect(phone.waits).toHaveLength(1)
  expect(phone.waits[0]).toBeGreaterThanOrEqual(2000)
})

test('retry: Redis is killed between two calls; the second waits, and nobody logs in again', async () => {
  const phone = new Phone(await site(), 'retry2')
  const client = phone.start()
  const { session } = await client.session()
  await killRedis()
  phone.meanwhile = () => (phone.waits.length === 2 ? restartRedis() : undefined)
  expect((await client.session()).session.id).toBe(session.id)
  expect(await client.endSession(session.id)).toEqual({ ended: 1 })
  expect(phone.logins).toBe(1)
  const [first, second] = phone.waits as [number, number]
  expect(first).toBeGreaterThanOrEqual(1000)
  expect(second).toBeGreaterThanOrEqual(1000)
})

test('retry: a store that stays out ends the call after a few tries, and no session', async () => {
  const phone = new Phone(await site(), 'retry3')
  const client = phone.start()
  const { session } = await client.session()
  await killRedis()
  const error = await refusal(client.logout())
  await restartRedis()
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', action: 'retry', status: 503 })
  expect(error.text).toBe('服务繁忙，请稍后再试')
  const tries = phone.to('/v1/logout')
  expect(tries).toHaveLength(4)
  // Every attempt has a signature of its own.
  expect(new Set(tries.map(({ header }) => header['X-Wxlogin-Nonce'])).size).toBe(4)
  expect(new Set(tries.map(({ header }) => header['X-Wxlogin-Signature'])).size).toBe(4)
  expect((await client.session()).session.id).toBe(session.id)
  expect(phone.logins).toBe(1)
})

test('retry: waits differ from phone to phone, so that they do not come back together', async () => {
  const at = await site()
  const waits = []
  for (const name of ['a', 'b', 'c', 'd']) {
    const phone = new Phone(at, `jitter-${name}`)
    phone.loginFails = true
    await refusal(phone.start({ retries: 1 }).session())
    waits.push(...phone.waits)
  }
  expect(new Set(waits).size).toBe(4)
})

test('retry: a wait that is longer than a person waits is left to the page', async () => {
  const phone = new Phone(await site({ WXLOGIN_LIMIT_API_OPENID: '3/minute' }), 'retry4')
  const client = phone.start()
  await forward(60 - (now % 60)) // the window is the minute
  for (let call = 0; call < 3; call++) await client.session()
  const error = await refusal(client.session())
  expect(error).toMatchObject({ code: 'RATE_LIMITED', action: 'retry', status: 429 })
  expect(error.retryAfter).toBeGreaterThan(8)
  expect(phone.waits).toEqual([])
  phone.meanwhile = (wait) => forward(wait / 1000)
  await phone.start({ maxWait: 120_000 }).session()
  expect(phone.waits[0]).toBeGreaterThanOrEqual((error.retryAfter as number) * 1000)
})

test('retry: a POST whose answer was lost is not sent twice; a GET is, and a POST that may be', async () => {
  const phone = new Phone(await site(), 'retry5')
  const client = phone.start({ backends: [backend.base] })
  await client.session()
  const url = `${backend.base}/orders`
  backend.hangsUp = 1
  const error = await refusal(client.request({ url, method: 'POST', data: { item: 1 } }))
  expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', status: 0 })
  expect(backend.got).toHaveLength(1)
  backend.hangsUp = 1
  expect((await client.request({ url })).statusCode).toBe(200)
  expect(backend.got).toHaveLength(3)
  backend.hangsUp = 1
  const again = { url, method: 'POST', data: { item: 1 }, repeatable: true } as const
  expect((await client.request(again)).statusCode).toBe(200)
  expect(backend.got).toHaveLength(5)
})

test('retry: a POST that the service may have taken is not sent twice for its 503', async () => {
  const phone = new Phone(await site(), 'retry6')
  const client = phone.start({ backends: [backend.base] })
  backend.instead = [{ status: 503, body: problem('STORE_UNAVAILABLE', 'retry', 503) }]
  const error = await refusal(client.request({ url: `${backend.base}/pay`, method: 'POST' }))
  expect(error.code).toBe('STORE_UNAVAILABLE')
  expect(backend.got).toHaveLength(1)
})

test('retry: without a network the call fails after its tries, and the session stays', async () => {
  const phone = new Phone(await site(), 'retry7')
  const client = phone.start({ language: 'en' })
  await client.session()
  phone.offline = true
  const error = await refusal(client.session())
  expect(error).toMatchObject({ code: 'NETWORK', action: 'retry' })
  expect(error.text).toBe('No connection. Please check your network.')
  expect(phone.waits).toHaveLength(3)
  phone.offline = false
  await client.session()
  expect(phone.logins).toBe(1)
})

test.each([3600, -3600])('retry: a clock that is off by %i s is set by the first refusal', async (off) => {
  const phone = new Phone(await site(), `clock${off}`)
  phone.skew = off
  const client = phone.start()
  expect(await client.checkSession()).toBe(true)
  expect(phone.to('/v1/session/check')).toHaveLength(2)
  expect(await client.checkSession()).toBe(true)
  expect(phone.to('/v1/session/check')).toHaveLength(3)
  expect(phone.waits).toEqual([])
})

test('reauthorize: a phone code that is spent is left to the button', async () => {
  const phone = new Phone(await site(), 'button')
  const client = phone.start()
  const detail = await sandbox<{ code: string }>(phone.site, 'phone-code', { user: 'button' })
  expect(await client.phone(detail)).toMatchObject({ countryCode: '86' })
  expect(await refusal(client.phone(detail))).toMatchObject({
    code: 'CODE_USED',
    action: 'reauthorize',
    text: '请重新点击按钮授权',
  })
  expect([phone.logins, phone.to('/v1/decrypt/phone').length]).toEqual([1, 2])
})

test('reauthorize: a user who says no is not asked of the server', async () => {
  const phone = new Phone(await site(), 'denied')
  const client = phone.start()
  const denied = { errMsg: 'getPhoneNumber:fail user deny' }
  expect(await refusal(client.phone(denied))).toMatchObject({
    code: 'DENIED',
    action: 'reauthorize',
  })
  const quota = { errMsg: 'getPhoneNumber:fail', errno: 1400001 }
  expect(await refusal(client.phone(quota))).toMatchObject({
    code: 'PHONE_QUOTA',
    action: 'contact',
  })
  expect(phone.sent).toEqual([])
})

test('contact and fix: the call is refused at once, with the problem and words for people', async () => {
  const phone = new Phone(await site(), 'fix')
  const client = phone.start()
  const bad = { url: '/v1/decrypt', method: 'POST', data: { iv: 'x' } } as const
  const error = await refusal(client.request(bad))
  expect(error).toMatchObject({ code: 'INVALID_REQUEST', action: 'fix', status: 400 })
  expect(error.problem?.errors?.map(({ field }) => field)).toContain('iv')
  expect(error.text).toBe('操作失败，请联系客服')
  expect(error.message).toMatch(/^INVALID_REQUEST: /)
  backend.instead = [{ status: 403, body: problem('USER_BANNED', 'contact', 403) }]
  const english = phone.start({ language: 'en', backends: [backend.base] })
  const banned = await refusal(english.request({ url: `${backend.base}/x` }))
  expect(banned.text).toBe('This account is banned. Please contact support.')
  expect(banned.requestId).toBe('made-by-a-test')
  expect([phone.logins, phone.waits]).toEqual([1, []])
})

test('texts follow the language of WeChat', async () => {
  const phone = new Phone(await site(), 'language')
  phone.language = 'en'
  phone.offline = true
  const error = await refusal(phone.start({ retries: 0 }).session())
  expect(error.text).toBe('No connection. Please check your network.')
})

test('what the service answers itself is the page’s to judge, whatever its status', async () => {
  const phone = new Phone(await site(), 'answers')
  const client = phone.start({ backends: [backend.base] })
  backend.instead = [
    { status: 404, body: { action: 'relogin', code: 'NO_SUCH_ORDER' } },
    { status: 503, body: {} },
  ]
  const url = `${backend.base}/orders/1`
  expect(await client.request({ url })).toMatchObject({
    statusCode: 404,
    data: { code: 'NO_SUCH_ORDER' },
  })
  expect((await client.request({ url })).statusCode).toBe(503)
  expect([phone.logins, backend.got.length]).toEqual([1, 2])
})

test('checkSession tells what WeChat says of the key', async () => {
  const phone = new Phone(await site(), 'check')
  const client = phone.start()
  await client.session()
  await sandbox(phone.site, 'rotate', { user: 'check' })
  expect(await client.checkSession()).toBe(false)
  await client.renewSessionKey()
  expect(await client.checkSession()).toBe(true)
})
