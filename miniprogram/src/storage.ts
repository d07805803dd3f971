// What the phone keeps: the session, and the name of the device. Memory stands in where it cannot.

import type { Platform } from './api'

export class Storage {
  private readonly memory_ = new Map<string, unknown>()

  constructor(
    private readonly platform_: Platform,
    private readonly prefix_: string,
  ) {}

  get(name: string): unknown {
    if (this.memory_.has(name)) return this.memory_.get(name)
    let found: unknown
    try {
      found = this.platform_.getStorageSync(this.prefix_ + name)
    } catch {
      found = undefined
    }
    this.memory_.set(name, found)
    return found
  }

  /** Keep a value; in memory alone where the storage is full. */
  set(name: string, value: unknown): void {
    this.memory_.set(name, value)
    try {
      this.platform_.setStorageSync(this.prefix_ + name, value)
    } catch {
      // An old session that stayed would be found dead at the next start.
      this.drop_(name)
    }
  }

  private drop_(name: string): void {
    try {
      this.platform_.removeStorageSync(this.prefix_ + name)
    } catch {
      // Nothing is left to try.
    }
  }
}
