module.exports = {
  // wxlogin 的地址；上线时换成你的 https 域名
  // Where wxlogin is; https and your own domain in production
  baseUrl: 'http://127.0.0.1:8000',
  // make run 自带的沙箱，没有 AppID 也能登录；用真实 AppID 时留空
  // The sandbox of make run, to sign in without an appid; '' with an appid of your own
  sandbox: 'http://127.0.0.1:8001',
  // 你的头像上传接口，返回 {"url": "https://..."}；留空则只保存昵称
  // Your service that takes an avatar and answers {"url": "https://..."}; '' keeps the nickname alone
  avatars: ''
}
