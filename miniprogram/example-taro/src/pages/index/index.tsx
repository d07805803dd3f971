import { Button, Text, View } from '@tarojs/components'
import Taro from '@tarojs/taro'
import { Component } from 'react'
import type { Me } from 'wxlogin-miniprogram'

import { client } from '../../client'

interface State {
  me: Me | null
}

/** 登录、手机号、退出 / Sign in, phone number, sign out */
export default class Index extends Component<object, State> {
  state: State = { me: null }

  componentDidShow(): Promise<void> {
    return this.attempt(async () => this.setState({ me: client.signedIn() ? await client.me() : null }))
  }

  onSignIn = (): Promise<void> =>
    this.attempt(async () => {
      await client.login()
      this.setState({ me: await client.me() })
    })

  onPhone = ({ detail }: { detail: object }): Promise<void> =>
    this.attempt(async () => {
      await client.phone(detail)
      this.setState({ me: await client.me() })
    })

  onSignOut = (): Promise<void> =>
    this.attempt(async () => {
      await client.logout()
      this.setState({ me: null })
    })

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      Taro.showToast({ title: error.text, icon: 'none' })
    }
  }

  render() {
    const { me } = this.state
    if (!me) return <Button onClick={this.onSignIn}>微信登录</Button>
    return (
      <View>
        <Text>{me.profile.nickname || me.user.id}</Text>
        <Text>{me.phone || '未绑定手机号'}</Text>
        <Button openType='getPhoneNumber' onGetPhoneNumber={this.onPhone}>获取手机号</Button>
        <Button onClick={this.onSignOut}>退出登录</Button>
      </View>
    )
  }
}
