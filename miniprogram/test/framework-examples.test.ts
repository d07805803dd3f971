// The examples for Taro and uni-app: built, and driven on a real site.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'

import { build, type Plugin } from 'esbuild'
import { expect, test } from 'vitest'

import { taroOf, uniOf } from './frameworks'
import { Phone, timersOf } from './phone'
import { sandbox, site } from './stage'

const HERE = fileURLToPath(new URL('..', import.meta.url))
/** What stands in the place of the frameworks' packages. */
const STUBS: Record<string, string> = {
  '@tarojs/taro': 'module.exports = { default: Taro, __esModule: true }',
  '@tarojs/components': 'module.exports = new Proxy({}, { get: (_, name) => name })',
  react: 'module.exports = { Component: class { setState(some) { Object.assign(this.state, some) } } }',
  'react/jsx-runtime': 'const jsx = (type, props) => ({ type, props }); module.exports = { jsx, jsxs: jsx }',
}
const packages: Plugin = {
  name: 'packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@tarojs|react)/ }, ({ path }) => ({ path, namespace: 'stub' }))
    onLoad({ filter: /./, namespace: 'stub' }, ({ path }) => ({ contents: STUBS[path] }))
    onResolve({ filter: /^wxlogin-miniprogram/ }, ({ path }) => ({
      path: path.replace('wxlogin-miniprogram/', HERE).replace(/^wxlogin-miniprogram$/, `${HERE}dist/wxlogin.js`),
    }))
  },
}
type Acts = Record<string, (event?: object) => Promise<void>>

/** Build an example as its framework does, and run it on a phone. */
async function run(phone: Phone, base: string, contents: string, loader: 'tsx' | 'js', folder: string, globals: object) {
  const built = await build({
    stdin: { contents, loader, resolveDir: `${HERE}${folder}` },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'built',
    jsx: 'automatic',
    plugins: [packages],
  })
  const context = createContext({ ...timersOf(phone), ...globals })
  runInContext('Date.now = now', context)
  const code = built.outputFiles[0]!.text.replaceAll('https://login.example.com', base)
  runInContext(`${code}; this.made = built.default`, context)
  return context.made as unknown
}

test('taro: a user signs in, gives a phone number, and signs out', async () => {
  const at = await site()
  const phone = new Phone(at, 'taro-example')
  const Taro = { ...taroOf(phone), showToast: () => undefined }
  const source = readFileSync(`${HERE}example-taro/src/pages/index/index.tsx`, 'utf8')
  const Index = (await run(phone, at.base, source, 'tsx', 'example-taro/src/pages/index', { Taro })) as new () => Acts & {
    state: { me: object | null }
    render(): object
  }
  const page = new Index()
  await page.componentDidShow?.()
  expect(JSON.stringify(page.render())).toContain('微信登录')
  await page.onSignIn?.()
  await page.onPhone?.({ detail: await sandbox(at, 'phone-code', { user: 'taro-example' }) })
  expect(JSON.stringify(page.render())).toMatch(/138\*{4}/)
  await page.onSignOut?.()
  expect(page.state.me).toBeNull()
})

test('uni-app: a user signs in, gives a phone number, and signs out', async () => {
  const at = await site()
  const phone = new Phone(at, 'uni-example')
  const uni = { ...uniOf(phone), showToast: () => undefined }
  const [, script] = /<script>\n(.*)<\/script>/s.exec(
    readFileSync(`${HERE}example-uni-app/src/pages/index/index.vue`, 'utf8'),
  ) as unknown as [string, string]
  const made = (await run(phone, at.base, script, 'js', 'example-uni-app/src/pages/index', { uni })) as {
    data(): { me: object | null }
    methods: Acts
    onShow(): Promise<void>
  }
  const page = { ...made.data(), ...made.methods, onShow: made.onShow }
  await page.onShow()
  expect(page.me).toBeNull()
  await page.onSignIn?.()
  await page.onPhone?.({ detail: await sandbox(at, 'phone-code', { user: 'uni-example' }) })
  expect(page.me).toMatchObject({ phone: expect.stringMatching(/^138/) })
  await page.onSignOut?.()
  expect(page.me).toBeNull()
})
