// A mini-program of files that require one another, on a phone: as the developer tools run them.

import { dirname, join } from 'node:path'
import { createContext, runInContext, type Context } from 'node:vm'

import { timersOf, type Phone } from './phone'

export type Page = Record<string, (event?: object) => unknown> & {
  data: Record<string, unknown>
  setData(fields: object): void
}
type Modal = { content: string; success(answer: { confirm: boolean }): unknown }

export class Program {
  toasts: string[] = []
  modals: Modal[] = []
  private readonly context: Context
  private readonly loaded = new Map<string, { exports: unknown }>()
  private readonly pages: Page[] = []
  private made: Page | null = null

  /** `read` gives the text of a file, by its name from the top. */
  constructor(
    readonly phone: Phone,
    private readonly read: (name: string) => string | undefined,
  ) {
    const wx = {
      ...phone.wx(),
      showToast: ({ title }: { title: string }) => this.toasts.push(title),
      showModal: (modal: Modal) => this.modals.push(modal),
    }
    this.context = createContext({
      wx,
      ...timersOf(phone),
      App: () => undefined,
      Page: (page: Page) => (this.made = page),
      getCurrentPages: () => this.pages,
    })
    runInContext('Date.now = now', this.context)
    this.require('app.js')
  }

  /** Open a page of app.json, as the tools do: its data are its own, onLoad and onShow are called. */
  async open(path: string, query: object = {}): Promise<Page> {
    this.loaded.delete(`${path}.js`)
    this.require(`${path}.js`)
    const page = this.made as Page
    page.data = { ...page.data }
    page.setData = (fields) => void Object.assign(page.data, fields)
    this.pages.push(page)
    await page.onLoad?.(query)
    await page.onShow?.()
    return page
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
      const require = (wanted: string) => this.require(join(dirname(name), wanted))
      ;(run as (...given: unknown[]) => void)(module, module.exports, require)
    }
    return module.exports
  }
}
