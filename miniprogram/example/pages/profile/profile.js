const attempt = require('../../attempt.js')
const client = require('../../client.js')
const { avatars } = require('../../config.js')

Page({
  data: { avatar: '', nickname: '' },

  onShow() {
    return attempt(async () => {
      const { profile } = await client.me()
      this.setData({ avatar: profile.avatar_url || '', nickname: profile.nickname || '' })
    })
  },

  onAvatar({ detail }) {
    return attempt(async () => {
      this.setData({ avatar: detail.avatarUrl })
      if (!avatars) return
      const { data } = await client.uploadFile({ url: avatars, filePath: detail.avatarUrl, name: 'avatar' })
      await client.updateProfile({ avatar_url: JSON.parse(data).url })
    })
  },

  onSave({ detail }) {
    return attempt(async () => {
      await client.updateProfile({ nickname: detail.value.nickname })
      wx.showToast({ title: '已保存' })
    })
  }
})
