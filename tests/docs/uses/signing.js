// Signs the known answer of the page, then ends Alice's sessions: a call that has to be signed.
const known = signature('MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 'POST',
  '/v1/logout?x=%E4%BD%A0&x=1', '1700000000', 'abcdefghijklmnop', '{"scope":"all"}')
console.log('mini-program, known answer:', known)

const BASE = 'https://login.example.com'
const target = '/v1/logout'

wx.login({
  success: ({ code }) => wx.request({
    url: `${BASE}/v1/login`, method: 'POST', data: { code },
    success: ({ data: { token, signing } }) => wx.request({
      url: BASE + target, method: 'POST', data: {}, header: { Authorization: `Bearer ${token}` },
      success: ({ data: { code } }) => {
        console.log('unsigned:', code)
        call(BASE, target, 'POST', '{"scope":"all"}', { token, key: signing.key },
          (status) => console.log('mini-program, signed:', status))
      }
    })
  })
})
