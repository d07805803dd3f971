const attempt = require('../../attempt.js')
const client = require('../../client.js')

Page({
  data: { me: null },

  onShow() {
    if (client.signedIn()) return this.load()
    this.setData({ me: null })
  },

  load() {
    return attempt(async () => {
      this.setData({ me: await client.me() })
    })
  },

  onSignIn() {
    return attempt(async () => {
      await client.login()
      await this.load()
    })
  },

  onPhone({ detail }) {
    return attempt(async () => {
      await client.phone(detail)
      await this.load()
    })
  },

  onSignOut() {
    return attempt(async () => {
      await client.logout()
      this.setData({ me: null })
    })
  },

  onLeave() {
    wx.showModal({
      content: '注销后，账号的数据会被清除',
      confirmText: '注销',
      success: ({ confirm }) => confirm && attempt(async () => {
        await client.cancelAccount()
        this.setData({ me: null })
      })
    })
  }
})
