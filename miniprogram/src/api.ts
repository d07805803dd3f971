// What a mini-program sees of the client: its options, its calls and what they answer.

/** What the client uses of `wx`; Taro and uni-app have objects of the same form. */
export type Platform = Pick<
  WechatMiniprogram.Wx,
  | 'login'
  | 'request'
  | 'uploadFile'
  | 'downloadFile'
  | 'getStorageSync'
  | 'setStorageSync'
  | 'removeStorageSync'
  | 'getFileSystemManager'
> &
  Partial<Pick<WechatMiniprogram.Wx, 'getDeviceInfo' | 'getAppBaseInfo' | 'getSystemInfoSync'>>

/** What the mini-program should do about a refusal (section "Errors" of wxlogin's docs). */
export type Action = 'relogin' | 'prompt' | 'reauthorize' | 'retry' | 'fix' | 'contact'

export type Language = 'zh' | 'en'

/** A refusal as wxlogin sends it (RFC 9457). */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  action: Action
  request_id: string
  errors?: { field: string; reason: string }[]
  server_time?: number
  until?: string | null
}

export interface ClientOptions {
  /** Where wxlogin is, such as `https://login.example.com`. */
  baseUrl: string
  /** The mini-program's appid; wxlogin takes its own first one where it is left out. */
  appid?: string
  /** Where your own services are: other addresses get neither token nor signature. */
  backends?: string[]
  /** The user was signed out. Show it, and call `login()` when they tap. */
  onPrompt?: (error: ClientError) => void
  /** The language of `error.text`; that of WeChat where it is left out. */
  language?: Language
  /** How often a call is repeated for `retry` and a network that fails; 3. */
  retries?: number
  /** The longest wait for one repetition, in milliseconds; 8000. */
  maxWait?: number
  /** How long wx.login may take, in milliseconds; 10000. */
  loginTimeout?: number
  /** `wx`, unless you say otherwise. */
  platform?: Platform
}

/** Why a call was refused or failed. */
export interface ClientError extends Error {
  /** wxlogin's code, or one of the client's own: NETWORK, TIMEOUT, SIGNED_OUT and others. */
  code: string
  action: Action
  /** The HTTP status; 0 where no answer came. */
  status: number
  /** What to show to the user, in their language. */
  text: string
  /** Seconds to wait for, where wxlogin names them. */
  retryAfter?: number
  requestId?: string
  problem?: Problem
}

export interface Repeating {
  /** Whether the call may be sent twice. True for GET, HEAD, OPTIONS, PUT and DELETE. */
  repeatable?: boolean
  /** Whether the call is signed. True but for GET, HEAD and OPTIONS. */
  sign?: boolean
}

type Callbacks = 'success' | 'fail' | 'complete'

export type RequestOptions = Omit<WechatMiniprogram.RequestOption, Callbacks> & Repeating
export type UploadOptions = Omit<WechatMiniprogram.UploadFileOption, Callbacks> &
  Pick<Repeating, 'repeatable'>
export type DownloadOptions = Omit<WechatMiniprogram.DownloadFileOption, Callbacks> &
  Pick<Repeating, 'sign'>

export interface Response<T> {
  statusCode: number
  data: T
  header: Record<string, string>
  cookies?: string[]
}

export interface User {
  id: string
  is_new: boolean
}

export interface Login {
  user: User
  session: { id: string }
  /** How many of the user's sessions this login ended. */
  ended: number
}

export interface Ended {
  ended: number
}

export interface SessionDetail {
  id: string
  platform: string
  device_name: string | null
  created_at: string
  last_seen_at: string
  expires_at: string
  max_expires_at: string
}

export interface ListedSession extends SessionDetail {
  current: boolean
  ip: string
  region: string | null
}

export interface CurrentSession {
  user: { id: string }
  app: { appid: string }
  session: SessionDetail
  session_key: { fresh: boolean; expires_in: number }
}

/** `e.detail` of the phone button. */
export interface PhoneDetail {
  code?: string
  encryptedData?: string
  iv?: string
  errMsg?: string
  errno?: number
}

export interface Phone {
  phoneNumber: string
  purePhoneNumber: string
  countryCode: string
}

/** What wx.getUserProfile or wx.getUserInfo gives. */
export interface ProfileDetail {
  rawData: string
  signature: string
  encryptedData: string
  iv: string
}

export interface Me {
  user: { id: string; person: string; external_id: string | null; is_complete: boolean }
  profile: Profile
  phone: string | null
  created_at: string
}

export interface Profile {
  nickname: string | null
  avatar_url: string | null
}

export interface ScanDetail {
  state: string
  browser: string
  system: string
  ip: string
  region: string | null
  same_region: boolean
  expires_in: number
}

/** Sign-in on the web by the code that this phone scanned; `scene` is the page's `query.scene`. */
export interface Scan {
  show(scene: string): Promise<ScanDetail>
  confirm(scene: string): Promise<{ state: string }>
  refuse(scene: string): Promise<{ state: string }>
}

export interface Client {
  /** Like wx.request, as a promise, with the token and the signature. */
  request<T = unknown>(options: RequestOptions): Promise<Response<T>>
  uploadFile(options: UploadOptions): Promise<WechatMiniprogram.UploadFileSuccessCallbackResult>
  downloadFile(
    options: DownloadOptions,
  ): Promise<WechatMiniprogram.DownloadFileSuccessCallbackResult>
  /** Whether the phone holds a session, as far as it knows. */
  signedIn(): boolean
  /** Sign in because the user tapped. Calls sign in by themselves where that is allowed. */
  login(): Promise<Login>
  logout(scope?: 'current' | 'others' | 'all'): Promise<Ended>
  session(): Promise<CurrentSession>
  sessions(): Promise<ListedSession[]>
  endSession(id: string): Promise<Ended>
  /** Whether WeChat still accepts the session_key that wxlogin keeps. */
  checkSession(): Promise<boolean>
  /** Give wxlogin a fresh session_key, before old-style buttons are shown. */
  renewSessionKey(): Promise<void>
  phone(detail: PhoneDetail): Promise<Phone>
  profile(detail: ProfileDetail): Promise<Record<string, unknown>>
  me(): Promise<Me>
  updateProfile(profile: { nickname?: string; avatar_url?: string }): Promise<Profile>
  exportMe(): Promise<unknown>
  cancelAccount(): Promise<Ended>
  scan: Scan
}
