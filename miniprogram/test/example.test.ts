// The example mini-program: its pages, driven on a real site.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { beforeEach, expect, test } from 'vitest'

import { Backend } from './backend'
import { Phone } from './phone'
import { Program } from './program'
import * as stage from './stage'

const ROOT = fileURLToPath(new URL('../example', import.meta.url))
const { pages } = JSON.parse(readFileSync(`${ROOT}/app.json`, 'utf8')) as { pages: string[] }

let site: stage.Site

beforeEach(async () => {
  site = await stage.site()
})

/** The example, told where wxlogin is; with WeChat's own wx.login unless `sandbox` says otherwise. */
function started(user: string, { sandbox = '', avatars = '' } = {}): Program {
  const config = `module.exports = ${JSON.stringify({ baseUrl: site.base, sandbox, avatars })}`
  return new Program(new Phone(site, user), (name) => {
    if (name === 'config.js') return config
    return existsSync(`${ROOT}/${name}`) ? readFileSync(`${ROOT}/${name}`, 'utf8') : undefined
  })
}

test('a user signs in, gives a phone number, and signs out', async () => {
  const program = started('example1')
  const page = await program.open('pages/index/index')
  expect([page.data.me, program.phone.logins]).toEqual([null, 0])
  await page.onSignIn?.()
  expect(page.data.me).toMatchObject({ phone: null })
  await page.onPhone?.({ detail: { errMsg: 'getPhoneNumber:fail user deny' } })
  expect(program.toasts).toEqual(['你没有授权，可重新点击按钮'])
  await page.onPhone?.({ detail: await stage.sandbox(site, 'phone-code', { user: 'example1' }) })
  expect(page.data.me).toMatchObject({ phone: expect.stringMatching(/^138\*{4}/) })
  await page.onSignOut?.()
  expect(page.data.me).toBeNull()
  expect((await program.open('pages/index/index')).data.me).toBeNull()
  expect(program.phone.logins).toBe(1)
})

test('a user leaves after a question', async () => {
  const program = started('example2')
  const page = await program.open('pages/index/index')
  await page.onSignIn?.()
  page.onLeave?.()
  await program.answer(false)
  expect(page.data.me).not.toBeNull()
  page.onLeave?.()
  await program.answer(true)
  expect(page.data.me).toBeNull()
})

test('devices are listed and ended; the one that was ended is told and signs in on a tap', async () => {
  const [first, second] = [started('example3'), started('example3')]
  const home = await first.open('pages/index/index')
  await home.onSignIn?.()
  await stage.forward(1)
  const page = await second.open('pages/devices/devices')
  const [, other] = page.data.devices as { id: string; current: boolean }[]
  await page.onEnd?.({ currentTarget: { dataset: { id: other?.id } } })
  expect(page.data.devices).toHaveLength(1)
  await home.onShow?.()
  expect(first.modals.map(({ content }) => content)).toEqual(['登录已失效，请重新登录'])
  await first.answer(true)
  await page.onShow?.()
  expect(page.data.devices).toHaveLength(2)
  await page.onEndOthers?.()
  expect(page.data.devices).toHaveLength(1)
})

test('a nickname is kept, a forbidden one told, an avatar uploaded', async () => {
  const backend = await new Backend(site).start()
  const avatars = `${backend.base}/avatars`
  const program = started('example4', { avatars })
  program.phone.files.set('wxfile://a', Buffer.from('a'))
  backend.instead = [{ status: 200, body: { url: 'https://img.example.com/a.png' } }]
  const page = await program.open('pages/profile/profile')
  await page.onAvatar?.({ detail: { avatarUrl: 'wxfile://a' } })
  await page.onSave?.({ detail: { value: { nickname: '小明' } } })
  await page.onSave?.({ detail: { value: { nickname: '赌博' } } })
  expect(program.toasts).toEqual(['已保存', '昵称含有违规内容，请更换'])
  const again = await program.open('pages/profile/profile')
  expect(again.data).toMatchObject({ nickname: '小明', avatar: 'https://img.example.com/a.png' })
  backend.stop()
})

test('a scan is shown, and confirmed or refused', async () => {
  const program = started('example5')
  for (const [act, state] of [['onConfirm', 'confirmed'], ['onRefuse', 'refused']] as const) {
    const begun = await stage.http('POST', `${site.base}/v1/scan`, '{}', { 'Content-Type': 'application/json' })
    const { scan } = JSON.parse(begun.body.toString()) as { scan: string }
    const page = await program.open('pages/scan/scan', { scene: scan })
    expect(page.data.found).toMatchObject({ state: 'seen', same_region: true })
    await page[act]?.()
    expect(page.data.state).toBe(state)
  }
  await program.open('pages/scan/scan', { scene: 'AAAAAAAAAAAAAAAAAAAAAA' })
  expect(program.toasts).toEqual(['二维码已失效，请刷新网页后重新扫码'])
})

test('without an appid the sandbox gives the code', async () => {
  const program = started('nobody', { sandbox: site.sandbox })
  const page = await program.open('pages/index/index')
  await page.onSignIn?.()
  expect(page.data.me).not.toBeNull()
  expect(program.phone.logins).toBe(0)
})

test.each(pages)('%s: what its template calls, its script has', (path) => {
  const template = readFileSync(`${ROOT}/${path}.wxml`, 'utf8')
  const called = [...template.matchAll(/\sbind\w+="(\w+)"/g)].map(([, name]) => name)
  const code = readFileSync(`${ROOT}/${path}.js`, 'utf8')
  expect(called.filter((name) => !code.includes(`\n  ${name}(`))).toEqual([])
  for (const [, page] of template.matchAll(/url="\/([^"]+)"/g)) {
    expect(existsSync(`${ROOT}/${page}.wxml`)).toBe(true)
  }
})
