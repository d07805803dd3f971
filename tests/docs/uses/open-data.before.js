// The reader's `post`: JSON, with the token of the login.
const BASE = 'https://login.example.com'
let token

function post(path, fields, done) {
  wx.request({
    url: BASE + path, method: 'POST', data: fields, header: { Authorization: `Bearer ${token}` },
    success: ({ statusCode, data }) => done(statusCode, data)
  })
}
