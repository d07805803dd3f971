// Put a client together from its parts.

import { accountOf } from './account'
import { Addresses, trimmed } from './addresses'
import type { Client, ClientOptions } from './api'
import { Caller } from './caller'
import { Clock } from './clock'
import { Codes } from './codes'
import { deviceOf, languageOf } from './device'
import { Errors } from './errors'
import { Files } from './files'
import { Queue } from './queue'
import { Requests } from './requests'
import { Sessions, type Entry, type LoginAnswer } from './sessions'
import { Storage } from './storage'

/** As many calls as WeChat lets a mini-program have under way. */
const MOST_CALLS = 10

/** Make a client. One is enough for a mini-program: it shares one login among all calls. */
export function createClient(options: ClientOptions): Client {
  const {
    baseUrl,
    backends = [],
    onPrompt = () => undefined,
    retries = 3,
    maxWait = 8000,
    platform = wx,
  } = options
  if (!/^https?:\/\/[^/?#]+/.test(baseUrl)) {
    throw new TypeError('baseUrl: where wxlogin is, such as https://login.example.com')
  }
  const base = trimmed(baseUrl)
  const errors = new Errors(options.language || languageOf(platform))
  const storage = new Storage(platform, `wxlogin:${base}:`)
  const caller = new Caller(new Queue(MOST_CALLS), new Clock(), { retries, maxWait })
  const addresses = new Addresses(base, backends, errors)
  const requests = new Requests(platform, addresses, caller, errors)
  const codes = new Codes(platform, errors, options.loginTimeout || 10000)
  const entry = entryOf(options.appid, requests, codes, () => deviceOf(platform, storage))
  const sessions = new Sessions(storage, errors, entry, onPrompt)
  caller.sessions_ = sessions
  const files = new Files(platform, addresses, caller, errors)
  return {
    request: (asked) => requests.request(asked),
    uploadFile: (asked) => files.upload_(asked),
    downloadFile: (asked) => files.download_(asked),
    ...accountOf(requests, sessions, errors),
  }
}

function entryOf(
  appid: string | undefined,
  requests: Requests,
  codes: Codes,
  device: () => object,
): Entry {
  return {
    login: () =>
      requests.own_<LoginAnswer>(
        'POST',
        '/v1/login',
        async () => ({ code: await codes.next_(), ...(appid ? { appid } : {}), ...device() }),
        { token: 'none' },
      ),
    renewKey: async () => {
      await requests.own_('POST', '/v1/session/key', async () => ({ code: await codes.next_() }))
    },
  }
}
