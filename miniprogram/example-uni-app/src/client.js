import { createClient } from 'wxlogin-miniprogram'
import { fromUni } from 'wxlogin-miniprogram/dist/uni.js'

export const client = createClient({
  baseUrl: 'https://login.example.com',
  platform: fromUni(uni),
  onPrompt: ({ text }) => uni.showModal({
    content: text,
    success: ({ confirm }) => confirm && client.login()
  })
})
