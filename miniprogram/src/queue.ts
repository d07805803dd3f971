// WeChat lets a mini-program have ten calls under way at once and fails the eleventh.

type Start = () => void

export class Queue {
  private running_ = 0
  private readonly waiting_: Start[] = []

  constructor(private readonly limit_: number) {}

  /** Run a task when there is room; an urgent one before all that wait. */
  async run<T>(task: () => Promise<T>, urgent = false): Promise<T> {
    if (this.running_ >= this.limit_) {
      await new Promise<void>((start) =>
        urgent ? this.waiting_.unshift(start) : this.waiting_.push(start),
      )
    } else {
      this.running_ += 1
    }
    try {
      return await task()
    } finally {
      const next = this.waiting_.shift()
      if (next) next()
      else this.running_ -= 1
    }
  }
}
