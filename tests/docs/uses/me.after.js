// Alice signs in, chooses an avatar, and tries two nicknames.
page.data = {}
page.setData = (fields) => Object.assign(page.data, fields)

wx.login({
  success: ({ code }) => wx.request({
    url: `${BASE}/v1/login`, method: 'POST', data: { code },
    success: ({ data }) => {
      token = data.token
      page.onChooseAvatar({ detail: { avatarUrl: 'http://tmp/a.jpeg' } })
      page.onSubmit({ detail: { value: { nickname: '小明' } } })
      page.onSubmit({ detail: { value: { nickname: '上网赌博' } } })
    }
  })
})
