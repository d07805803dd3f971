// Alice signs in and presses the phone button; then WeChat replaces her session_key.
async function presses() {
  page.shown = (status, data) => console.log('by code:', status, Object.keys(data))
  page.onPhone({ detail: await sandbox('phone-code') })
  await sandbox('rotate')
  openData('/v1/decrypt/phone', await sandbox('phone'),
    (status, data) => console.log('after wx.login:', status, Object.keys(data)))
}

wx.login({
  success: ({ code }) => post('/v1/login', { code }, (_, data) => {
    token = data.token
    presses()
  })
})
