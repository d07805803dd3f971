const attempt = require('../../attempt.js')
const client = require('../../client.js')

Page({
  data: { devices: [] },

  onShow() {
    return attempt(async () => {
      this.setData({ devices: await client.sessions() })
    })
  },

  onEnd({ currentTarget }) {
    return attempt(async () => {
      await client.endSession(currentTarget.dataset.id)
      await this.onShow()
    })
  },

  onEndOthers() {
    return attempt(async () => {
      await client.logout('others')
      await this.onShow()
    })
  }
})
