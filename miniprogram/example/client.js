const { createClient } = require('./wxlogin.js')
const { avatars, baseUrl, sandbox } = require('./config.js')

const client = createClient({
  baseUrl,
  backends: avatars ? [avatars] : [],
  platform: sandbox ? require('./sandbox.js') : wx,
  onPrompt: ({ text }) => wx.showModal({
    content: text,
    confirmText: '登录',
    success: async ({ confirm }) => {
      if (!confirm) return
      await client.login()
      for (const page of getCurrentPages()) if (page.onShow) page.onShow()
    }
  })
})

module.exports = client
