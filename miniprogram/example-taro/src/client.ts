import Taro from '@tarojs/taro'
import { createClient, type Client } from 'wxlogin-miniprogram'
import { fromTaro } from 'wxlogin-miniprogram/dist/taro.js'

export const client: Client = createClient({
  baseUrl: 'https://login.example.com',
  platform: fromTaro(Taro),
  onPrompt: async ({ text }) => {
    const { confirm } = await Taro.showModal({ content: text })
    if (confirm) await client.login()
  },
})
