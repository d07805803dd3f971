import { expect, test } from 'vitest'

import { Phone, refusal } from './phone'
import { fault, LOGIN, site } from './stage'

const kept = (phone: Phone): Record<string, unknown> =>
  Object.fromEntries(
    [...phone.storage].map(([name, value]) => [name.split(':').pop(), JSON.parse(value)]),
  )

test('a call signs in by itself and says what device it is', async () => {
  const phone = new Phone(await site(), 'login1')
  const client = phone.start()
  expect(client.signedIn()).toBe(false)
  const { session } = await client.session()
  expect(session).toMatchObject({ platform: 'ios', device_name: 'iPhone 苹果 15' })
  expect(client.signedIn()).toBe(true)
  expect(phone.logins).toBe(1)
})

test.each([
  ['ohos_pc', 'ohos'],
  ['devtools', 'devtools'],
  ['Android', 'android'],
  ['linux', 'other'],
  ['web', 'other'],
])('WeChat’s platform %s is wxlogin’s %s', async (platform, name) => {
  const phone = new Phone(await site(), `platform-${platform}`)
  phone.platform = platform
  expect((await phone.start().session()).session.platform).toBe(name)
})

test('fifty calls at the start make one wx.login, and never more than ten are under way', async () => {
  const phone = new Phone(await site(), 'login2')
  const client = phone.start()
  const calls = Array.from({ length: 50 }, () => client.request({ url: '/v1/session' }))
  const answers = await Promise.all(calls)
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(50).fill(200))
  expect(phone.logins).toBe(1)
  expect(phone.to('/v1/login')).toHaveLength(1)
  expect(phone.most).toBe(10)
})

test('a tap on “sign in” while calls sign in shares their wx.login', async () => {
  const phone = new Phone(await site(), 'login3')
  const client = phone.start()
  const [, login] = await Promise.all([client.session(), client.login(), client.login()])
  expect(login.user.is_new).toBe(true)
  expect(phone.logins).toBe(1)
})

test('the next start goes on with the session and the device', async () => {
  const phone = new Phone(await site(), 'login4')
  const first = await phone.start().session()
  const device = kept(phone).device
  expect(await phone.start().session()).toMatchObject({ session: { id: first.session.id } })
  expect(phone.logins).toBe(1)
  await phone.start().login()
  expect(kept(phone).device).toBe(device)
  // The same device: its new session has taken the place of the old one.
  expect(await phone.start().sessions()).toHaveLength(1)
})

test('the phone keeps the token, the key and the name of the device, and nothing else', async () => {
  const phone = new Phone(await site(), 'login5')
  const client = phone.start()
  await client.session()
  await client.profile(
    await (await import('./stage')).sandbox(phone.site, 'profile', { user: 'login5' }),
  )
  expect(kept(phone)).toEqual({
    session: { token: expect.stringMatching(/^wxs_/), key: expect.any(String) },
    device: expect.stringMatching(/^[\w-]{32}$/),
  })
})

test('where the storage is full the session lives in memory, and no old one stays behind', async () => {
  const phone = new Phone(await site(), 'login6')
  await phone.start().session()
  phone.storageFull = true
  const client = phone.start()
  await client.login()
  await client.session()
  expect(await client.checkSession()).toBe(true)
  expect(phone.logins).toBe(2)
  expect(kept(phone)).not.toHaveProperty('session')
  // So the next start signs in anew, and is not told that it was replaced.
  await phone.start().session()
  expect(phone.prompts).toEqual([])
})

test('a storage that cannot be read is an empty one', async () => {
  const phone = new Phone(await site(), 'login11')
  await phone.start().session()
  phone.storageBroken = true
  const client = phone.start()
  await client.session()
  await client.session()
  expect(phone.logins).toBe(2)
})

test('an old base library tells of the device in its own way, an older one not at all', async () => {
  const phone = new Phone(await site(), 'login12')
  const { getDeviceInfo, getAppBaseInfo, ...oldest } = phone.wx() as Record<string, () => object>
  const getSystemInfoSync = () => ({ ...getDeviceInfo!(), ...getAppBaseInfo!(), platform: 'android' })
  for (const [wx, device] of [
    [{ ...oldest, getSystemInfoSync }, { platform: 'android', device_name: 'iPhone 苹果 15' }],
    [oldest, { platform: 'other', device_name: null }],
  ] as const) {
    const client = phone.start({ platform: wx as never })
    await client.login()
    expect((await client.session()).session).toMatchObject(device)
  }
})

test('a wx.login that never calls back fails all that wait after ten seconds; the next one works', async () => {
  const phone = new Phone(await site(), 'login7')
  phone.loginHangs = true
  const client = phone.start()
  const calls = [1, 2, 3].map(() => refusal(client.session()))
  await new Promise(setImmediate)
  phone.loginTimeout()
  const errors = await Promise.all(calls)
  expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('LOGIN_TIMEOUT'))
  expect(errors[0]).toMatchObject({ action: 'retry', text: '服务繁忙，请稍后再试' })
  expect([phone.logins, phone.waits]).toEqual([1, []])
  phone.loginHangs = false
  await client.session()
  expect(phone.logins).toBe(2)
})

test('a wx.login that fails is tried again a few times', async () => {
  const phone = new Phone(await site(), 'login8')
  phone.loginFails = true
  const error = await refusal(phone.start({ retries: 2 }).session())
  expect(error).toMatchObject({ code: 'LOGIN_FAILED', action: 'retry', status: 0 })
  expect([phone.logins, phone.waits.length]).toEqual([3, 2])
})

test('a code that WeChat refuses is followed by one fresh code, not by more', async () => {
  const phone = new Phone(await site(), 'login9')
  await fault(phone.site, LOGIN, { errcode: 40029 })
  await phone.start().session()
  expect(phone.logins).toBe(2)
  const other = new Phone(phone.site, 'login9')
  await fault(phone.site, LOGIN, { errcode: 40029, times: 2 })
  expect(await refusal(other.start().session())).toMatchObject({ code: 'CODE_INVALID' })
  expect(other.logins).toBe(2)
})

test('after a login that a person has to help with, no call asks WeChat again', async () => {
  const phone = new Phone(await site(), 'login10')
  await fault(phone.site, LOGIN, { errcode: 40226 })
  const client = phone.start()
  const error = await refusal(client.session())
  expect(error).toMatchObject({ code: 'WX_USER_BLOCKED', action: 'contact', status: 403 })
  expect(error.requestId).toMatch(/\w{8}/)
  expect(await refusal(client.sessions())).toMatchObject({ code: 'WX_USER_BLOCKED' })
  expect(phone.logins).toBe(1)
  await client.login() // the user tapped
  expect(phone.logins).toBe(2)
})
