// The examples for Taro and uni-app as their own builders made them (`make frameworks`), drawn and
// used on a real site.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { Phone } from './phone'
import { Program } from './program'
import { compile, eventually, platform, Screen } from './screen'
import { sandbox, site } from './stage'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const BUILDS = [
  ['taro', `${HERE}example-taro/dist`],
  ['uni-app', `${HERE}example-uni-app/dist/build/mp-weixin`],
] as const

test.each(BUILDS)(
  '%s: a user signs in, gives a phone number, and signs out',
  async (name, folder) => {
    const at = await site()
    const program = new Program(
      new Phone(at, `${name}-build`),
      (file) =>
        existsSync(`${folder}/${file}`)
          ? readFileSync(`${folder}/${file}`, 'utf8').replaceAll('https://login.example.com', at.base)
          : undefined,
      platform,
    )
    const page = await Screen.open(program, compile(folder), 'pages/index/index')
    await page.shows('微信登录')
    expect(program.phone.logins).toBe(0)
    await page.tap('微信登录')
    await page.shows('未绑定手机号')
    await page.tap('获取手机号', { errMsg: 'getPhoneNumber:fail user deny' })
    await eventually(() => expect(program.toasts).toEqual(['你没有授权，可重新点击按钮']))
    await page.tap('获取手机号', await sandbox(at, 'phone-code', { user: `${name}-build` }))
    await page.shows(/138\*{4}/)
    await page.tap('退出登录')
    await page.shows('微信登录')
    expect(program.phone.logins).toBe(1)
    expect(program.phone.to('/v1/logout')[0]?.header).toHaveProperty('X-Wxlogin-Signature')
  },
)
