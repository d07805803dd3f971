// Taro's object in the place of `wx`: `createClient({ platform: fromTaro(Taro), ... })`.

import type { Platform } from '../api'
import { filesOf, silent } from './callbacks'

/** Taro's functions take callbacks as WeChat's do, and return a promise that rejects besides. */
export function fromTaro(taro: object): Platform {
  const from = taro as Record<string, (asked: object) => unknown>
  const ask = (name: string) => silent((asked) => from[name]!(asked))
  return Object.assign(Object.create(taro), {
    login: ask('login'),
    request: ask('request'),
    uploadFile: ask('uploadFile'),
    downloadFile: ask('downloadFile'),
    getFileSystemManager: () => filesOf(taro),
  }) as Platform
}
