// Runs a page's JavaScript, file after file in one scope, as a mini-program on Alice's phone does:
// WeChat's `wx`, and real HTTP behind it. `SANDBOX` plays WeChat. The built client lies beside it.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

const SANDBOX = 'http://127.0.0.1:8001'
const CLIENT = path.resolve(__dirname, '../../../miniprogram/dist')
const storage = new Map()

async function sandbox(control) {
  const body = new URLSearchParams({ user: 'alice' })
  const answer = await fetch(`${SANDBOX}/sandbox/${control}`, { method: 'POST', body })
  return answer.json()
}

async function login({ success, complete = () => {} }) {
  success(await sandbox('code'))
  complete()
}

async function ask({ url, method = 'GET', data, header = {}, success = () => {} }) {
  const body = method === 'GET' || typeof data !== 'object' ? data : JSON.stringify(data)
  const headers = { 'Content-Type': 'application/json', ...header }
  const answer = await fetch(url, { method, body, headers })
  const text = await answer.text()
  const got = Object.fromEntries(answer.headers)
  success({ statusCode: answer.status, data: text && JSON.parse(text), header: got })
}

globalThis.wx = {
  login: (options) => { login(options) },
  request: (options) => { ask(options) },
  setStorageSync: (key, value) => { storage.set(key, value) },
  getStorageSync: (key) => storage.get(key) ?? '',
  base64ToArrayBuffer: (text) => new Uint8Array(Buffer.from(text, 'base64')).buffer
}
globalThis.Page = (page) => { globalThis.page = page }
globalThis.sandbox = sandbox
globalThis.require = (name) => require(name.startsWith('./') ? path.join(CLIENT, name) : name)

for (const file of process.argv.slice(2)) {
  vm.runInThisContext(fs.readFileSync(file, 'utf8'), { filename: file })
}
