// The example mini-program, drawn by WeChat's own test tools and used on a real site.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { beforeEach, expect, test } from 'vitest'

import { Backend } from './backend'
import { Phone } from './phone'
import { Program } from './program'
import { compile, compileStyles, eventually, Screen } from './screen'
import * as stage from './stage'

const ROOT = fileURLToPath(new URL('../example', import.meta.url))
const TEMPLATES = compile(ROOT)

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

const open = (program: Program, page: string, query = {}): Promise<Screen> =>
  Screen.open(program, TEMPLATES, `pages/${page}/${page}`, query)

/** The first page of a phone, whose user has signed in. */
async function signedIn(user: string, more = {}): Promise<[Program, Screen]> {
  const program = started(user, more)
  const home = await open(program, 'index')
  await home.tap('微信登录')
  await home.shows('未绑定手机号')
  return [program, home]
}

test('a user signs in, gives a phone number, and signs out', async () => {
  const program = started('example1')
  const home = await open(program, 'index')
  expect([home.text, program.phone.logins]).toEqual(['你好尚未登录微信登录', 0])
  await home.tap('微信登录')
  await home.shows('微信用户', '未绑定手机号')
  await home.tap('获取手机号', { errMsg: 'getPhoneNumber:fail user deny' })
  await eventually(() => expect(program.toasts).toEqual(['你没有授权，可重新点击按钮']))
  await home.tap('获取手机号', await stage.sandbox(site, 'phone-code', { user: 'example1' }))
  await home.shows(/138\*{4}\d{4}/)
  await home.tap('退出登录')
  await home.shows('尚未登录')
  expect((await open(program, 'index')).text).toContain('尚未登录')
  expect(program.phone.logins).toBe(1)
})

test('a user leaves after a question', async () => {
  const [program, home] = await signedIn('example2')
  await home.tap('注销账号')
  await program.answer(false)
  expect(home.text).toContain('未绑定手机号')
  await home.tap('注销账号')
  await program.answer(true)
  await home.shows('尚未登录')
})

test('devices are listed and ended; the one that was ended is told and signs in on a tap', async () => {
  const [first, home] = await signedIn('example3')
  await stage.forward(1)
  const [, second] = await signedIn('example3')
  const devices = await second.tap('我的设备')
  await devices.shows('本机', '下线其他设备')
  await devices.tap('下线')
  await devices.shows(/^(?!.*下线)/)
  await home.tap('我的设备')
  await eventually(() => expect(first.modals.map(({ content }) => content)).toEqual(['登录已失效，请重新登录']))
  await first.answer(true)
  await home.shows('未绑定手机号')
  const again = await second.tap('我的设备')
  await again.shows('下线其他设备')
  await again.tap('下线其他设备')
  await again.shows(/^(?!.*下线)/)
})

test('a nickname is kept, a forbidden one told, an avatar uploaded', async () => {
  const backend = await new Backend(site).start()
  const [program, home] = await signedIn('example4', { avatars: `${backend.base}/avatars` })
  program.phone.files.set('wxfile://a', Buffer.from('a'))
  backend.instead = [{ status: 200, body: { url: 'https://img.example.com/a.png' } }]
  const profile = await home.tap('头像和昵称')
  await profile.shows('选择头像')
  await profile.tap('选择头像', { avatarUrl: 'wxfile://a' })
  await eventually(() => expect(profile.images).toEqual(['wxfile://a']))
  for (const [nickname, told] of [['小明', '已保存'], ['赌博', '昵称含有违规内容，请更换']] as const) {
    profile.write('nickname', nickname)
    await profile.tap('保存')
    await eventually(() => expect(program.toasts.at(-1)).toBe(told))
  }
  // The page shows the avatar before it has been uploaded.
  await eventually(async () => {
    const again = await home.tap('头像和昵称')
    expect(again.images).toEqual(['https://img.example.com/a.png'])
    expect(again.field('nickname')).toBe('小明')
  })
  backend.stop()
})

test('a scan is shown, and confirmed or refused', async () => {
  const program = started('example5')
  for (const [name, told] of [['确认登录', '已确认登录'], ['拒绝', '已拒绝']] as const) {
    const begun = await stage.http('POST', `${site.base}/v1/scan`, '{}', { 'Content-Type': 'application/json' })
    const { scan } = JSON.parse(begun.body.toString()) as { scan: string }
    const page = await open(program, 'scan', { scene: encodeURIComponent(scan) })
    await page.shows('在电脑上登录？', '127.0.0.1')
    expect(page.text).not.toContain('请留意')
    await page.tap(name)
    await page.shows(told)
  }
  const late = await open(program, 'scan', { scene: 'AAAAAAAAAAAAAAAAAAAAAA' })
  await eventually(() => expect(program.toasts).toEqual(['二维码已失效，请刷新网页后重新扫码']))
  expect(late.text).toBe('')
})

test('without an appid the sandbox gives the code', async () => {
  const [program] = await signedIn('nobody', { sandbox: site.sandbox })
  expect(program.phone.logins).toBe(0)
})

test('WeChat’s compiler reads its styles', () => {
  expect(compileStyles(ROOT)).toEqual(['app.wxss', 'pages/profile/profile.wxss'])
})
