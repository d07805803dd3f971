// What the user reads of a refusal. Codes that need no words of their own share those of the action.

import type { Action, Language } from './api'

/** In Chinese, in English. */
type Texts = [string, string]

const OF_CODE: Record<string, Texts> = {
  SESSION_REPLACED: [
    '你的账号已在其他设备登录，请重新登录',
    'You signed in on another device. Please sign in again.',
  ],
  SESSION_REVOKED: ['登录已失效，请重新登录', 'You were signed out. Please sign in again.'],
  SIGNED_OUT: ['你已退出登录，请登录', 'You are signed out. Please sign in.'],
  DEVICE_LIMIT: [
    '登录设备数已达上限，请先在其他设备上退出登录',
    'Too many devices. Please sign out on another one first.',
  ],
  SCAN_EXPIRED: ['二维码已失效，请刷新网页后重新扫码', 'This code has expired. Reload the page and scan again.'],
  SCAN_REFUSED: ['已取消登录', 'The sign-in was refused.'],
  CONTENT_REFUSED: ['昵称含有违规内容，请更换', 'This nickname is not allowed. Choose another.'],
  USER_BANNED: ['账号已被封禁，请联系客服', 'This account is banned. Please contact support.'],
  USER_RISKY: [
    '账号存在安全风险，请联系客服',
    'This account cannot sign in for security reasons. Please contact support.',
  ],
  DENIED: ['你没有授权，可重新点击按钮', 'You did not allow it. You may press the button again.'],
  RATE_LIMITED: ['操作太频繁，请稍后再试', 'Too many tries. Please try again later.'],
  NETWORK: ['网络连接失败，请检查网络', 'No connection. Please check your network.'],
  TIMEOUT: ['网络超时，请稍后再试', 'The connection timed out. Please try again.'],
}
const OF_ACTION: Record<Action, Texts> = {
  relogin: ['登录失败，请重试', 'The sign-in failed. Please try again.'],
  prompt: ['请重新登录', 'Please sign in again.'],
  reauthorize: ['请重新点击按钮授权', 'Please press the button again.'],
  retry: ['服务繁忙，请稍后再试', 'The service is busy. Please try again later.'],
  contact: ['服务不可用，请联系客服', 'This is not available. Please contact support.'],
  fix: ['操作失败，请联系客服', 'This failed. Please contact support.'],
}

/** What to show to the user. */
export function textOf(code: string, action: Action, language: Language): string {
  return (OF_CODE[code] || OF_ACTION[action] || OF_ACTION.fix)[language === 'en' ? 1 : 0]
}
