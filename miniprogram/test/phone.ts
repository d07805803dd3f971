// A phone: WeChat's `wx` over real HTTP, and the built file in a context that has what a
// mini-program has: no fetch, no TextEncoder, no Buffer.

import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'

import type { Client, ClientError, ClientOptions } from '../src/api'
import * as stage from './stage'
import type { Site } from './stage'

const BUILT = readFileSync(new URL('../dist/wxlogin.js', import.meta.url), 'utf8')
const LOGIN_TIMER = 10_000
const MOST_CALLS = 10

type Callbacks = {
  success?: (result: object) => void
  fail?: (result: { errMsg: string }) => void
  complete?: (result: object) => void
}
type Asked = Callbacks & {
  url: string
  method?: string
  data?: string | ArrayBuffer | object
  header?: Record<string, string>
  responseType?: string
  filePath?: string
  name?: string
}

export interface Sent {
  method: string
  target: string
  header: Record<string, string>
}

export class Phone {
  logins = 0
  /** Every request that left the phone. */
  sent: Sent[] = []
  /** How long the client waited before each repetition, in milliseconds. */
  waits: number[] = []
  prompts: ClientError[] = []
  storage = new Map<string, string>()
  files = new Map<string, Buffer>()
  /** The most calls that were under way at once. */
  most = 0
  /** Seconds by which the phone's clock is ahead. */
  skew = 0
  platform = 'ios'
  language = 'zh_CN'
  storageFull = false
  storageBroken = false
  loginHangs = false
  loginFails = false
  offline = false
  /** What happens while the client waits. */
  meanwhile: (milliseconds: number) => unknown = () => undefined
  private running = 0
  private loginTimers: (() => void)[] = []

  constructor(
    readonly site: Site,
    readonly user: string,
  ) {}

  /** Start the mini-program: storage stays from one start to the next. */
  start(options: Partial<ClientOptions> = {}): Client {
    const context = createContext({ wx: this.wx(), ...timersOf(this) })
    runInContext('Date.now = now; var module = {}', context)
    runInContext(BUILT, context)
    const built = runInContext('module.exports', context) as {
      createClient(options: ClientOptions): Client
    }
    const onPrompt = (error: ClientError): void => void this.prompts.push(error)
    return built.createClient({ baseUrl: this.site.base, onPrompt, ...options })
  }

  /** Ten seconds pass for whatever waits for wx.login. */
  loginTimeout(): void {
    for (const task of this.loginTimers.splice(0)) task()
  }

  /** The requests of one path. */
  to(path: string): Sent[] {
    return this.sent.filter(({ target }) => target.split('?')[0] === path)
  }

  /** WeChat's `wx`. */
  wx(): object {
    return {
      login: (asked: Callbacks) => void this.login(asked),
      request: (asked: Asked) => void this.run(asked, () => this.request(asked)),
      uploadFile: (asked: Asked) => void this.run(asked, () => this.upload(asked)),
      downloadFile: (asked: Asked) => void this.run(asked, () => this.download(asked)),
      ...this.storageCalls(),
      getDeviceInfo: () => ({ brand: 'iPhone', model: '苹果 15\u200b', platform: this.platform }),
      getAppBaseInfo: () => ({ language: this.language }),
      getFileSystemManager: () => this.fileCalls(),
    }
  }

  cancel(task: () => void): void {
    this.loginTimers = this.loginTimers.filter((waiting) => waiting !== task)
  }

  timer(task: () => void, milliseconds: number): () => void {
    if (milliseconds === LOGIN_TIMER) {
      this.loginTimers.push(task)
    } else {
      this.waits.push(milliseconds)
      Promise.resolve(this.meanwhile(milliseconds)).then(task)
    }
    return task
  }

  private storageCalls(): object {
    return {
      getStorageSync: (key: string) => {
        if (this.storageBroken) throw new Error('getStorageSync:fail')
        const kept = this.storage.get(key)
        return kept === undefined ? '' : JSON.parse(kept)
      },
      setStorageSync: (key: string, value: unknown) => {
        if (this.storageFull) throw new Error('setStorageSync:fail exceed storage max size 10Mb')
        this.storage.set(key, JSON.stringify(value))
      },
      removeStorageSync: (key: string) => void this.storage.delete(key),
    }
  }

  private fileCalls(): object {
    return {
      getFileInfo: ({ filePath, success, fail }: Asked) => {
        const file = this.files.get(filePath as string)
        if (file) success?.({ size: file.length })
        else fail?.({ errMsg: 'getFileInfo:fail no such file' })
      },
      readFile: ({ filePath, success }: Asked) =>
        success?.({ data: bufferOf(this.files.get(filePath as string) as Buffer) }),
      readFileSync: (path: string) => (this.files.get(path) as Buffer).toString(),
    }
  }

  private async login({ success, fail, complete }: Callbacks): Promise<void> {
    this.logins += 1
    if (this.loginHangs) return
    if (this.loginFails) fail?.({ errMsg: 'login:fail no permission' })
    else success?.(await stage.sandbox(this.site, 'code', { user: this.user }))
    complete?.({})
  }

  private async run({ success, fail, complete }: Asked, task: () => Promise<object>): Promise<void> {
    if (this.running >= MOST_CALLS) return fail?.({ errMsg: 'request:fail exceed max task count' })
    this.running += 1
    this.most = Math.max(this.most, this.running)
    let result: object | null = null
    try {
      result = await task()
    } catch (error) {
      result = null
      fail?.({ errMsg: `request:fail ${String(error)}` })
    }
    this.running -= 1
    if (result) success?.(result)
    complete?.({})
  }

  private async send(asked: Asked, body: string | Uint8Array, more = {}): Promise<stage.Answer> {
    const { url, method = 'GET' } = asked
    const header = { ...asked.header, ...more }
    this.sent.push({ method, target: url.replace(/^http:\/\/[^/]+/, ''), header })
    if (this.offline) throw new Error('the network is down')
    return stage.http(method, url, body, header)
  }

  private async request(asked: Asked): Promise<object> {
    const { data = '' } = asked
    // A GET's data would go into the query, where nobody has signed it.
    if (data !== '' && (asked.method || 'GET') === 'GET') throw new Error('data in a GET')
    const isBytes = Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    const text = typeof data === 'object' && !isBytes ? JSON.stringify(data) : data
    const body = typeof text === 'string' ? text : new Uint8Array(text as ArrayBuffer)
    const { status, header, body: came } = await this.send(
      { ...asked, header: { 'Content-Type': 'application/json', ...asked.header } },
      body,
    )
    let read: unknown = came.toString()
    try {
      read = asked.responseType === 'arraybuffer' ? bufferOf(came) : JSON.parse(came.toString())
    } catch {
      // As WeChat does: what is no JSON stays text.
    }
    return { statusCode: status, data: read, header }
  }

  private async upload(asked: Asked): Promise<object> {
    const head = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    const file = this.files.get(asked.filePath as string) as Buffer
    const body = Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--B--\r\n')])
    const type = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const answer = await this.send({ ...asked, method: 'POST' }, body, type)
    return { statusCode: answer.status, data: answer.body.toString() }
  }

  private async download(asked: Asked): Promise<object> {
    const answer = await this.send({ ...asked, method: 'GET' }, '')
    this.files.set('temporary', answer.body)
    return { statusCode: answer.status, tempFilePath: 'temporary' }
  }
}

/** The clock and the timers of a phone's context. */
export function timersOf(phone: Phone): object {
  return {
    setTimeout: (task: () => void, milliseconds: number) => phone.timer(task, milliseconds),
    clearTimeout: (task: () => void) => phone.cancel(task),
    now: () => (stage.now + phone.skew) * 1000,
  }
}

function bufferOf(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

/** What a call is refused with; fails where it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<ClientError> {
  try {
    await call
  } catch (error) {
    return error as ClientError
  }
  throw new Error('the call was not refused')
}
