// What a login tells of the device. It keeps honest devices apart and proves nothing.

import type { Language, Platform } from './api'
import { randomName } from './bytes'
import type { Storage } from './storage'

const DEVICE = 'device'

interface Info {
  brand?: string
  model?: string
  platform?: string
}

export interface Device {
  device_id: string
  device_name?: string
  platform: string
}

/** wxlogin's name of a platform that WeChat names. */
export function platformOf(name = ''): string {
  const found = /^(ios|android|windows|mac|devtools|ohos)(_pc)?$/.exec(name.toLowerCase())
  return (found && found[1]) || 'other'
}

/** This device, as a login describes it. */
export function deviceOf(platform: Platform, storage: Storage): Device {
  const info = infoOf(platform)
  const name = nameOf(info)
  return {
    device_id: idOf(storage),
    ...(name ? { device_name: name } : {}),
    platform: platformOf(info.platform),
  }
}

/** The language of WeChat on this phone: Chinese, or English for all others. */
export function languageOf(platform: Platform): Language {
  const info =
    attempt(() => platform.getAppBaseInfo!()) || attempt(() => platform.getSystemInfoSync!())
  return !info || /^zh/i.test(info.language || 'zh') ? 'zh' : 'en'
}

function idOf(storage: Storage): string {
  const kept = storage.get(DEVICE)
  if (typeof kept === 'string' && kept) return kept
  const made = randomName(32)
  storage.set(DEVICE, made)
  return made
}

function infoOf(platform: Platform): Info {
  return (
    attempt<Info>(() => platform.getDeviceInfo!()) ||
    attempt<Info>(() => platform.getSystemInfoSync!()) ||
    {}
  )
}

function nameOf({ brand, model }: Info): string {
  const both = [brand, model].filter((part) => part && part !== 'unknown').join(' ')
  return Array.from(both.replace(/[^\x20-\x7e\u4e00-\u9fff]/g, '').trim()).slice(0, 64).join('')
}

/** What an older base library lacks, or refuses, is not known. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}
