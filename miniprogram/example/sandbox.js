// 没有 AppID 时，由 make run 的沙箱扮演微信 / The sandbox of make run plays WeChat
const { sandbox } = require('./config.js')

module.exports = Object.create(wx, {
  login: {
    value: ({ success, fail, complete }) => wx.request({
      url: `${sandbox}/sandbox/code`,
      method: 'POST',
      data: { user: 'alice' },
      success: ({ data }) => success(data),
      fail,
      complete
    })
  }
})
