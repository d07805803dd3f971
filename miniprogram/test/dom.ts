// The page that WeChat's test tools draw on. Their modules look for it when they are loaded, so this
// one is imported before them; all else in Node stays as it is.

import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<!doctype html><body></body>')
const { document, Event, CustomEvent, Node, Element, HTMLElement } = window
Object.assign(globalThis, { window, document, Event, CustomEvent, Node, Element, HTMLElement })
