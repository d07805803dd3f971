export default defineAppConfig({ pages: ['pages/index/index'], window: { navigationBarTitleText: 'wxlogin 示例' } })
