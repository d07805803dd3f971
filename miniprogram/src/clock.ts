// The server's time: the phone's own clock may be wrong by hours.

export class Clock {
  private offset_ = 0

  /** Unix seconds by the server's clock, as far as it is known. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.offset_
  }

  /** Take the time that the server told. */
  set(serverTime: number): void {
    this.offset_ += serverTime - this.now()
  }
}
