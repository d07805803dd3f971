// The reader's `call` and `upload`, and a `Page` that has data.
const BASE = 'https://login.example.com'
let token

function call(method, path, fields, done) {
  wx.request({
    url: BASE + path, method, data: fields, header: { Authorization: `Bearer ${token}` },
    success: ({ statusCode, data }) => {
      console.log('profile:', statusCode, data.code || Object.keys(data.profile).join())
      done(statusCode, data)
    }
  })
}

function upload(file, done) {
  done(`https://cdn.example.com/${file.length}.png`)
}

wx.showToast = ({ title }) => console.log('told:', title)
