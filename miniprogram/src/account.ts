// The calls of wxlogin, by name.

import type {
  Client,
  ClientError,
  CurrentSession,
  Ended,
  ListedSession,
  Me,
  Phone,
  PhoneDetail,
  Profile,
  ProfileDetail,
  Scan,
  ScanDetail,
} from './api'
import { isClientError, type Errors } from './errors'
import type { Requests } from './requests'
import type { Sessions } from './sessions'

type Account = Omit<Client, 'request' | 'uploadFile' | 'downloadFile'>
type Scope = 'current' | 'others' | 'all'

/** `e.detail.errno` where the mini-program's paid quota of phone numbers is used up. */
const QUOTA = 1400001

export function accountOf(requests: Requests, sessions: Sessions, errors: Errors): Account {
  return {
    signedIn: () => !!sessions.current_,
    login: () => sessions.login(),
    logout: (scope = 'current') => logout(requests, sessions, scope),
    session: () => requests.own_<CurrentSession>('GET', '/v1/session'),
    sessions: () =>
      field(requests.own_<{ sessions: ListedSession[] }>('GET', '/v1/sessions'), 'sessions'),
    endSession: (id) => requests.own_<Ended>('DELETE', `/v1/sessions/${encodeURIComponent(id)}`),
    checkSession: () =>
      field(requests.own_<{ valid: boolean }>('POST', '/v1/session/check'), 'valid'),
    renewSessionKey: () => sessions.renewKey_(sessions.keys_),
    phone: (detail) => phone(requests, errors, detail),
    profile: ({ rawData, signature, encryptedData, iv }: ProfileDetail) => {
      const fields = { rawData, signature, encryptedData, iv }
      const answer = requests.own_<{ profile: Record<string, unknown> }>(
        'POST',
        '/v1/decrypt/profile',
        fields,
      )
      return field(answer, 'profile')
    },
    me: () => requests.own_<Me>('GET', '/v1/me'),
    updateProfile: (profile) =>
      field(requests.own_<{ profile: Profile }>('PUT', '/v1/me/profile', profile), 'profile'),
    exportMe: () => requests.own_<unknown>('GET', '/v1/me/export'),
    cancelAccount: async () => {
      const ended = await requests.own_<Ended>('DELETE', '/v1/me', undefined, {
        repeatable: false,
      })
      sessions.leave_()
      return ended
    },
    scan: scanOf(requests),
  }
}

async function field<T, K extends keyof T>(answer: Promise<T>, name: K): Promise<T[K]> {
  return (await answer)[name]
}

async function logout(requests: Requests, sessions: Sessions, scope: Scope): Promise<Ended> {
  await sessions.settled_()
  const stays = scope === 'others'
  let ended: Ended = { ended: 0 }
  try {
    if (sessions.current_ || stays) {
      const token = stays ? 'session' : 'held'
      ended = await requests.own_<Ended>('POST', '/v1/logout', { scope }, { token })
    }
  } catch (error) {
    // A session that is dead already is what was asked for.
    if (stays || !isOver(error)) throw error
  }
  if (!stays) sessions.leave_()
  return ended
}

function isOver(error: unknown): boolean {
  return isClientError(error) && error.status === 401 && /^(relogin|prompt)$/.test(error.action)
}

async function phone(requests: Requests, errors: Errors, detail: PhoneDetail): Promise<Phone> {
  const { code, encryptedData, iv } = detail
  const fields = code ? { code } : encryptedData && iv ? { encryptedData, iv } : null
  if (!fields) throw denied(errors, detail)
  return field(requests.own_<{ phone: Phone }>('POST', '/v1/decrypt/phone', fields), 'phone')
}

function denied(errors: Errors, { errno, errMsg }: PhoneDetail): ClientError {
  return errno === QUOTA
    ? errors.make_('PHONE_QUOTA', 'contact', errMsg)
    : errors.make_('DENIED', 'reauthorize', errMsg)
}

function scanOf(requests: Requests): Scan {
  const path = (scene: string): string => `/v1/scan/${encodeURIComponent(unescaped(scene))}`
  return {
    show: (scene) => requests.own_<ScanDetail>('GET', path(scene)),
    confirm: (scene) => requests.own_('POST', `${path(scene)}/confirm`),
    refuse: (scene) => requests.own_('POST', `${path(scene)}/refuse`),
  }
}

/** The scene as it was made: a page gets it escaped. */
function unescaped(scene: string): string {
  try {
    return decodeURIComponent(scene)
  } catch {
    return scene
  }
}
