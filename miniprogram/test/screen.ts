// A mini-program as its user sees it: templates compiled by WeChat's own wcc, drawn by
// miniprogram-simulate, touched by what is written on them.

import './dom'

import compiler from 'miniprogram-compiler'
import exparser, { type Component } from 'miniprogram-exparser'
import simulate, { type Rendered } from 'miniprogram-simulate'
import { expect, vi } from 'vitest'

import type { Page, Program } from './program'

const TOUCHED = 'wx-button, wx-navigator'
const PATIENCE = { timeout: 10_000, interval: 5 }
/** Which event a button gives besides its tap, by its open-type. */
const OPENS: Record<string, string> = {
  getPhoneNumber: 'getphonenumber',
  chooseAvatar: 'chooseavatar',
}
/** The properties by which WeChat's own components differ here. */
const BUILT_IN = {
  button: ['openType', 'formType'],
  navigator: ['url'],
  input: ['name', 'value'],
  image: ['src'],
}
for (const [id, names] of Object.entries(BUILT_IN)) {
  const properties = Object.fromEntries(names.map((name) => [name, String]))
  simulate.load({ id, tagName: `wx-${id}`, template: '<slot/>', properties })
}

/** The compiled templates of a mini-program, by their names from its top. */
export type Templates = (name: string) => unknown

/** Compile all templates below a folder; fails for what WeChat's compiler refuses. */
export function compile(root: string): Templates {
  // What it made keeps its parts here by their numbers, which begin anew with each mini-program.
  const kept = globalThis as { __WXML_GLOBAL__?: object }
  if (kept.__WXML_GLOBAL__) kept.__WXML_GLOBAL__ = { wxs_nf_init: true }
  return new Function(compiler.wxmlToJs(root))() as Templates
}

/** Compile all styles below a folder: the names of their files. */
export function compileStyles(root: string): string[] {
  const names = [...compiler.wxssToJs(root).matchAll(/'\.?\/?(\S+\.wxss)'/g)].map(([, name]) => name as string)
  return [...new Set(names)].sort()
}

/** All that WeChat's `wx` has, as miniprogram-simulate plays it. */
export const platform = (globalThis as unknown as { wx: object }).wx

let opened = 0

/** One page on the screen. */
export class Screen {
  private readonly written: Record<string, string> = {}

  private constructor(
    private readonly program: Program,
    private readonly templates: Templates,
    private readonly rendered: Rendered,
  ) {}

  /** Open a page as WeChat does: drawn with its data, then told that it is there. */
  static async open(program: Program, templates: Templates, path: string, query = {}): Promise<Screen> {
    const definition = program.define(path)
    const id = `page-${++opened}`
    const data = { ...definition.data }
    simulate.load({ ...definition, data, id, tagName: 'page', template: templates(`${path}.wxml`) })
    const rendered = simulate.render(id)
    rendered.attach(document.body)
    await program.show(asInWeChat(rendered.instance), query)
    return new Screen(program, templates, rendered)
  }

  /** Everything that is written on the page. */
  get text(): string {
    return this.rendered.dom.textContent || ''
  }

  /** Where the images on the page come from. */
  get images(): string[] {
    return this.all('wx-image').map((image) => propertiesOf(image).src || '')
  }

  /** What a field of a form holds. */
  field(name: string): string {
    return this.written[name] ?? propertiesOf(this.input(name)).value ?? ''
  }

  write(name: string, text: string): void {
    this.input(name)
    this.written[name] = text
  }

  /** Wait until the page reads so. */
  async shows(...words: (string | RegExp)[]): Promise<void> {
    await eventually(() => {
      for (const word of words) expect(this.text).toMatch(word)
    })
  }

  /** Press what is called so: the page that is on the screen then. */
  async tap(name: string, detail: object = {}): Promise<Screen> {
    const pressed = this.all(TOUCHED).find(({ textContent }) => textContent === name)
    if (!pressed) throw new Error(`no ${name} on the page: ${this.text}`)
    const { openType = '', formType, url } = propertiesOf(pressed)
    send(pressed, 'tap')
    if (OPENS[openType]) send(pressed, OPENS[openType], detail)
    if (formType === 'submit') this.submit(pressed.closest('wx-form') as Element)
    return url ? Screen.open(this.program, this.templates, url.slice(1)) : this
  }

  private submit(form: Element): void {
    const names = [...form.querySelectorAll('wx-input')].map((input) => propertiesOf(input).name || '')
    send(form, 'submit', { value: Object.fromEntries(names.map((name) => [name, this.field(name)])) })
  }

  private input(name: string): Element {
    const found = this.all('wx-input').find((input) => propertiesOf(input).name === name)
    if (!found) throw new Error(`no field ${name} on the page`)
    return found
  }

  private all(selector: string): Element[] {
    return [...this.rendered.dom.querySelectorAll(selector)]
  }
}

/** Wait until this no longer fails. */
export const eventually = (holds: () => unknown): Promise<unknown> => vi.waitFor(holds, PATIENCE)

/** A page whose data go to its screen as JSON, as WeChat sends them from one thread to the other. */
function asInWeChat(page: Page): Page {
  const { setData } = page
  page.setData = (fields, then) => setData(JSON.parse(JSON.stringify(fields)) as object, then)
  return page
}

function componentOf(element: Element): Component {
  return (element as Element & { __wxElement: Component }).__wxElement
}

function propertiesOf(element: Element): Record<string, string> {
  return componentOf(element).data
}

function send(element: Element, name: string, detail: object = {}): void {
  const event = exparser.Event.create(name, detail, { bubbles: true, composed: true, capturePhase: true })
  exparser.Event.dispatchEvent(componentOf(element), event)
}
