// uni-app's object in the place of `wx`: `createClient({ platform: fromUni(uni), ... })`.

import type { Platform } from '../api'
import { filesOf, silent } from './callbacks'

/** uni.login wants to know whose login it is, and a device has names of uni-app's own. */
export function fromUni(uni: object): Platform {
  const from = uni as Record<string, (asked?: object) => unknown>
  const ask = (name: string) => silent((asked) => from[name]!(asked))
  const info = (name: string) => (from[name]!() || {}) as Record<string, string | undefined>
  return Object.assign(Object.create(uni), {
    login: silent((asked) => from.login!({ ...asked, provider: 'weixin' })),
    request: ask('request'),
    uploadFile: ask('uploadFile'),
    downloadFile: ask('downloadFile'),
    getDeviceInfo: () => {
      const { brand, deviceBrand, model, deviceModel, platform } = info('getDeviceInfo')
      return { brand: brand || deviceBrand, model: model || deviceModel, platform }
    },
    getAppBaseInfo: () => {
      const { language, appLanguage } = info('getAppBaseInfo')
      return { language: language || appLanguage }
    },
    getFileSystemManager: () => filesOf(uni),
  }) as Platform
}
