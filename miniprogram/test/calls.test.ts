// The calls by name, the team's own services, and files.

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Backend, sha256 } from './backend'
import { Phone, refusal } from './phone'
import { forward, http, sandbox, site } from './stage'

let backend: Backend

beforeEach(async () => {
  backend = await new Backend(await site()).start()
})
afterEach(() => backend.stop())

const started = async (user: string): Promise<[Phone, ReturnType<Phone['start']>]> => {
  const phone = new Phone(await site(), user)
  return [phone, phone.start({ backends: [backend.base] })]
}

test('a user sees the devices and signs out on one of them', async () => {
  const [phone, client] = await started('devices')
  await client.session()
  await forward(1)
  await new Phone(phone.site, 'devices').start().session()
  const sessions = await client.sessions()
  expect(sessions.map(({ current }) => current)).toEqual([false, true])
  expect(await client.endSession((sessions[0] as { id: string }).id)).toEqual({ ended: 1 })
  expect(await client.sessions()).toHaveLength(1)
})

test('who signs out stays out: no call logs in, and no page is told', async () => {
  const [phone, client] = await started('out')
  await client.login()
  expect(await client.logout()).toEqual({ ended: 1 })
  expect(client.signedIn()).toBe(false)
  expect(await refusal(client.session())).toMatchObject({ code: 'SIGNED_OUT', action: 'prompt' })
  expect(await client.logout()).toEqual({ ended: 0 })
  expect([phone.logins, phone.prompts]).toEqual([1, []])
  expect(await refusal(phone.start().session())).toMatchObject({ code: 'SIGNED_OUT' })
  expect(phone.prompts).toHaveLength(1)
  await client.login()
  expect((await client.session()).session.platform).toBe('ios')
})

test('signing out elsewhere leaves this phone signed in; signing out everywhere does not', async () => {
  const [phone, client] = await started('scopes')
  await client.session()
  for (const _ of [1, 2]) await new Phone(phone.site, 'scopes').start().session()
  expect(await client.logout('others')).toEqual({ ended: 2 })
  await client.session()
  await new Phone(phone.site, 'scopes').start().session()
  expect(await client.logout('all')).toEqual({ ended: 2 })
  expect(client.signedIn()).toBe(false)
})

test('signing out of a session that is over already is done', async () => {
  const [phone, client] = await started('over')
  const { session } = await client.session()
  await new Phone(phone.site, 'over').start().endSession(session.id)
  expect(await client.logout()).toEqual({ ended: 0 })
  expect(phone.prompts).toEqual([])
})

test('a profile is opened as the page got it', async () => {
  const [phone, client] = await started('profile')
  await client.session()
  const detail = await sandbox<Record<string, string>>(phone.site, 'profile', { user: 'profile' })
  const given = { errMsg: 'getUserProfile:ok', ...detail } as never
  expect(await client.profile(given)).toMatchObject({ nickName: '微信用户 profile' })
})

test('a call of the team’s own is signed with its body, whatever is in both', async () => {
  const [, client] = await started('signed')
  const data = { 名: '你好 👋', n: 1.5, list: [1, null] }
  const url = `${backend.base}/orders?q=你好&x=%2F&y='|"#part`
  expect(await client.request({ url, method: 'POST', data })).toMatchObject({
    statusCode: 200,
    data: { method: 'POST' },
  })
  const [got] = backend.got
  expect(got?.target).toBe(`/orders?q=%E4%BD%A0%E5%A5%BD&x=%2F&y='|"`)
  expect(JSON.parse(String(got?.body))).toEqual(data)
  expect(got?.hash).toBe(sha256(got?.body as Buffer))
  expect(got?.type).toBe('application/json')
})

test.each([
  ['a form', { a: '1 2', b: '你' }, 'application/x-www-form-urlencoded', 'a=1%202&b=%E4%BD%A0'],
  ['text', 'a,b\n你', 'text/csv', 'a,b\n你'],
  ['bytes', Uint8Array.from([0, 255, 10]).buffer, 'application/octet-stream', '\0\ufffd\n'],
])('%s goes as it is and is signed so', async (_, data, type, body) => {
  const [, client] = await started('bodies')
  const url = `${backend.base}/put`
  const header = { 'content-type': type }
  expect((await client.request({ url, method: 'PUT', data, header })).statusCode).toBe(200)
  const [got] = backend.got
  expect([got?.type, String(got?.body)]).toEqual([type, body])
  expect(got?.hash).toBe(sha256(got?.body as Buffer))
})

test('the data of a GET stand in its query; a GET is signed where the page wants it', async () => {
  const [phone, client] = await started('query')
  const data = { page: 2, q: 'a&b', none: undefined }
  await client.request({ url: `${backend.base}/list?x=1`, data })
  await client.request({ url: `${backend.base}/list`, data, sign: true })
  expect(backend.got.map(({ target }) => target)).toEqual([
    '/list?x=1&page=2&q=a%26b',
    '/list?page=2&q=a%26b',
  ])
  const [first, second] = phone.sent.slice(-2)
  expect(first?.header).not.toHaveProperty('X-Wxlogin-Signature')
  expect(second?.header).toHaveProperty('X-Wxlogin-Signature')
})

test('a refusal is understood where the page asked for bytes', async () => {
  const [, client] = await started('raw')
  const asked = { url: '/v1/nowhere', responseType: 'arraybuffer' } as const
  expect(await refusal(client.request(asked))).toMatchObject({ code: 'NOT_FOUND', action: 'fix' })
})

test('the token goes to no address that is not the team’s', async () => {
  const [phone, client] = await started('addresses')
  const { base } = phone.site
  const strangers = ['https://example.com/x', `${base}@example.com/`, `${base}0/x`, 'x', '']
  for (const url of strangers) {
    const error = await refusal(client.request({ url }))
    expect(error).toMatchObject({ code: 'ADDRESS_NOT_OURS', action: 'fix' })
  }
  expect(phone.sent).toEqual([])
})

test('an upload is signed with the hash of its file', async () => {
  const [phone, client] = await started('upload')
  phone.files.set('wxfile://photo', Buffer.from([1, 2, 255]))
  const asked = { url: `${backend.base}/photos`, filePath: 'wxfile://photo', name: 'file' }
  expect((await client.uploadFile(asked)).statusCode).toBe(200)
  expect(backend.got[0]?.hash).toBe(sha256(Buffer.from([1, 2, 255])))
  expect(backend.got[0]?.type).toMatch(/^multipart/)
  phone.files.set('large', Buffer.alloc(10 * 1024 * 1024 + 1))
  await client.uploadFile({ ...asked, filePath: 'large' })
  expect(backend.got[1]?.hash).toBe('')
})

test('a download is signed, and a refusal in its place is understood', async () => {
  const [phone, client] = await started('download')
  const url = `${backend.base}/bill.pdf`
  expect(await client.downloadFile({ url })).toMatchObject({ statusCode: 200 })
  expect(phone.sent.at(-1)?.header).toHaveProperty('X-Wxlogin-Signature')
  const { session } = await client.session()
  await new Phone(phone.site, 'download').start().endSession(session.id)
  expect(await refusal(client.downloadFile({ url }))).toMatchObject({ code: 'SESSION_REVOKED' })
})

test('uploads wait their turn with all other calls', async () => {
  const [phone, client] = await started('turns')
  phone.files.set('a', Buffer.from('a'))
  const url = `${backend.base}/a`
  await Promise.all(
    Array.from({ length: 15 }, () => [
      client.uploadFile({ url, filePath: 'a', name: 'file' }),
      client.session(),
    ]).flat(),
  )
  expect(phone.most).toBe(10)
})

test('a client without an address of wxlogin is not made', async () => {
  const [phone] = await started('nobody')
  for (const baseUrl of ['', 'login.example.com', 'https://']) {
    expect(() => phone.start({ baseUrl })).toThrow(/baseUrl/)
  }
})

/** Whether this server has a call: scanning and the user's own are younger than the client. */
const has = async (path: string): Promise<boolean> => {
  const answer = await http('GET', `${(await site()).base}/v1/openapi.json`, '')
  return path in (JSON.parse(answer.body.toString()) as { paths: object }).paths
}

test.runIf(await has('/v1/me'))('a user reads, names and cancels the account', async () => {
  const [phone, client] = await started('me')
  const me = await client.me()
  expect(me).toMatchObject({ phone: null, user: { id: expect.any(String) } })
  expect(await client.updateProfile({ nickname: '小明' })).toMatchObject({ nickname: '小明' })
  expect(await client.exportMe()).toBeTruthy()
  expect(await client.cancelAccount()).toEqual({ ended: 1 })
  expect(await refusal(client.me())).toMatchObject({ code: 'SIGNED_OUT' })
  expect([phone.logins, phone.prompts]).toEqual([1, []])
})

test.runIf(await has('/v1/scan'))('a phone shows, confirms and refuses a scan', async () => {
  const [phone, client] = await started('scan')
  const type = { 'Content-Type': 'application/json' }
  const begin = async (): Promise<{ scan: string; secret: string }> =>
    JSON.parse((await http('POST', `${phone.site.base}/v1/scan`, '{}', type)).body.toString())
  const token = ({ scan, secret }: { scan: string; secret: string }) =>
    http('POST', `${phone.site.base}/v1/scan/${scan}/token`, JSON.stringify({ secret }), type)
  const [first, second] = [await begin(), await begin()]
  expect(await client.scan.show(encodeURIComponent(first.scan))).toMatchObject({ state: 'seen' })
  expect(await client.scan.confirm(first.scan)).toHaveProperty('state')
  expect((await token(first)).status).toBe(200)
  expect(await client.scan.refuse(second.scan)).toHaveProperty('state')
  expect((await token(second)).status).toBe(403)
  expect(await refusal(client.scan.show('nobody-made-this'))).toMatchObject({
    code: 'SCAN_EXPIRED',
    action: 'prompt',
  })
  expect(phone.prompts).toEqual([])
})
