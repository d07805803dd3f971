// Taro's and uni-app's objects as far as the client uses them: as their documentation says they
// differ from `wx`.

import type { Phone } from './phone'

type Result = Record<string, unknown>
type Asked = {
  provider?: string
  success?(result: Result): void
  fail?(result: Result): void
  complete?(result: Result): void
}
type Ask = (asked: Asked) => void

/** Taro: besides the callbacks, every function returns a promise, which rejects. */
export function taroOf(phone: Phone, files = true): Record<string, unknown> {
  const wx = phone.wx() as Record<string, Ask>
  const promised = (ask: Ask) => (asked: Asked) =>
    new Promise((resolve, reject) =>
      ask({
        ...asked,
        success: (result) => (asked.success?.(result), resolve(result)),
        fail: (result) => (asked.fail?.(result), reject(new Error(String(result.errMsg)))),
      }),
    )
  const made: Record<string, unknown> = { ...wx }
  for (const name of ['login', 'request', 'uploadFile', 'downloadFile']) made[name] = promised(wx[name]!)
  if (!files) delete made.getFileSystemManager
  return made
}

/** uni-app: a login names its provider, a device has names of uni-app's own. */
export function uniOf(phone: Phone, files = true): Record<string, unknown> {
  const wx = phone.wx() as Record<string, Ask> & { getDeviceInfo(): Result; getAppBaseInfo(): Result }
  const made: Record<string, unknown> = {
    ...wx,
    login: (asked: Asked) =>
      asked.provider === 'weixin' ? wx.login!(asked) : asked.fail?.({ errMsg: 'login:fail provider' }),
    getDeviceInfo: () => {
      const { brand, model, platform } = wx.getDeviceInfo()
      return { deviceBrand: brand, deviceModel: model, platform }
    },
    getAppBaseInfo: () => ({ appLanguage: wx.getAppBaseInfo().language }),
  }
  if (!files) delete made.getFileSystemManager
  return made
}
