// The code of docs/miniprogram.md, as it stands there: files that require one another.

import { readFileSync } from 'node:fs'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Backend } from './backend'
import { Phone } from './phone'
import { Program } from './program'
import * as stage from './stage'

const TEXT = readFileSync(process.env.PAGE as string, 'utf8')
const FILES = new Map(
  [...TEXT.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```/gms)].map(([, name, code]) => [name, code]),
)
const BUILT = readFileSync(new URL('../dist/wxlogin.js', import.meta.url), 'utf8')

let backend: Backend
let site: stage.Site

beforeEach(async () => {
  site = await stage.site()
  backend = await new Backend(site).start()
})
afterEach(() => backend.stop())

/** A mini-program of the page's files. */
const started = (user: string): Program =>
  new Program(new Phone(site, user), (name) => {
    if (name === 'app.js') return ''
    return (name === 'wxlogin.js' ? BUILT : FILES.get(name))
      ?.replaceAll('https://login.example.com', site.base)
      .replaceAll('https://shop.example.com', backend.base)
      .replaceAll('http://127.0.0.1:8001', site.sandbox)
  })

test('the page has the files that it speaks of', () => {
  expect([...FILES.keys()]).toEqual(['client.js', 'pages/orders/orders.js', 'pages/mine/mine.js', 'sandbox.js'])
})

test('the orders are loaded and paid by signed calls', async () => {
  const program = started('page1')
  const page = await program.open('pages/orders/orders')
  expect(page.data.orders).toEqual({ method: 'GET' })
  await page.onPay?.()
  expect(page.data.paid).toBe(true)
  expect(String(backend.got[1]?.body)).toBe('{"item":7}')
  program.phone.offline = true
  await page.onLoad?.()
  expect(program.toasts).toEqual(['网络连接失败，请检查网络'])
})

test('the phone number comes from the button, devices are shown, and a tap signs in again', async () => {
  const program = started('page2')
  const page = await program.open('pages/mine/mine')
  const [device] = page.data.devices as { id: string }[]
  await page.onPhone?.({ detail: await stage.sandbox(site, 'phone-code', { user: 'page2' }) })
  expect(page.data.phoneNumber).toMatch(/^1\d{10}$/)
  await page.onPhone?.({ detail: { errMsg: 'getPhoneNumber:fail user deny' } })
  expect(program.toasts).toEqual(['你没有授权，可重新点击按钮'])
  await page.onEndDevice?.({ currentTarget: { dataset: { id: device?.id } } })
  await expect(page.onLoad?.()).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  expect(program.modals.map(({ content }) => content)).toEqual(['登录已失效，请重新登录'])
  await program.answer(true)
  await page.onLogout?.()
  expect(program.phone.logins).toBe(2)
})

test('without a mini-program the sandbox gives the code', async () => {
  const program = started('nobody')
  const { createClient } = program.require('wxlogin.js') as {
    createClient(options: object): { session(): Promise<object> }
  }
  const client = createClient({ baseUrl: site.base, platform: program.require('sandbox.js') })
  expect(await client.session()).toHaveProperty('user')
  expect(program.phone.logins).toBe(0)
})
