// A mini-program of files that require one another, on a phone: as the developer tools run them.

import { dirname, join } from 'node:path'
import { createContext, runInContext, type Context } from 'node:vm'

import { timersOf, type Phone } from './phone'

type Methods = Record<string, (event?: object) => unknown>
export type Page = Methods & {
  data: Record<string, unknown>
  setData(fields: object, then?: () => void): void
}
/** What a page's script gives to Page, or to Component. */
export interface Definition {
  data?: Record<string, unknown>
  methods?: Methods
}
type Modal = { content: string; success(answer: { confirm: boolean }): unknown }

export class Program {
  toasts: string[] = []
  modals: Modal[] = []
  private readonly context: Context
  private readonly loaded = new Map<string, { exports: unknown }>()
  private readonly pages: Page[] = []
  private made: Definition = {}
  private app: Methods = {}

  /** `read` gives the text of a file, by its name from the top; `platform` what else `wx` can do. */
  constructor(
    readonly phone: Phone,
    private readonly read: (name: string) => string | undefined,
    platform: object = {},
  ) {
    const wx = {
      ...platform,
      ...phone.wx(),
      showToast: ({ title }: { title: string }) => this.toasts.push(title),
      showModal: (modal: Modal) => this.modals.push(modal),
    }
    this.context = createContext({
      wx,
      global: {},
      ...timersOf(phone),
      App: (app: Methods) => (this.app = app),
      getApp: () => this.app,
      Page: ({ data = {}, ...methods }: Page) => (this.made = { data, methods: methods as Methods }),
      Component: (component: Definition) => (this.made = component),
      getCurrentPages: () => this.pages,
    })
    runInContext('Date.now = now', this.context)
    this.require('app.js')
    this.app.onLaunch?.({})
  }

  /** Open a page of app.json without a screen: its data are its own. */
  async open(path: string, query: object = {}): Promise<Page> {
    const { data, methods } = this.define(path)
    const page = { ...methods, data: { ...data } } as Page
    page.setData = (fields) => void Object.assign(page.data, fields)
    await this.show(page, query)
    return page
  }

  /** Run a page's script anew. */
  define(path: string): Definition {
    this.loaded.delete(`${path}.js`)
    this.require(`${path}.js`)
    return this.made
  }

  /** A page is on the screen, on top of the others. */
  async show(page: Page, query: object): Promise<void> {
    this.pages.push(page)
    await page.onLoad?.(query)
    await page.onShow?.()
  }

  /** Answer the question that was asked last. */
  async answer(confirm: boolean): Promise<void> {
    await this.modals.at(-1)?.success({ confirm })
  }

  /** What a file exports; it is run once. */
  require(name: string): unknown {
    const module = this.loaded.get(name) || { exports: {} }
    if (!this.loaded.has(name)) {
      this.loaded.set(name, module)
      const code = this.read(name)
      if (code === undefined) throw new Error(`module ${name} is not defined`)
      const run = runInContext(`(function (module, exports, require) {${code}\n})`, this.context)
      const require = (wanted: string) => this.require(`${join(dirname(name), wanted).replace(/\.js$/, '')}.js`)
      ;(run as (...given: unknown[]) => void)(module, module.exports, require)
    }
    return module.exports
  }
}
