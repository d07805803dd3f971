const attempt = require('../../attempt.js')
const client = require('../../client.js')

Page({
  data: { scene: '', found: null, state: '' },

  onLoad({ scene = '' }) {
    this.setData({ scene })
    return attempt(async () => {
      this.setData({ found: await client.scan.show(scene) })
    })
  },

  onConfirm() {
    return attempt(async () => {
      this.setData(await client.scan.confirm(this.data.scene))
    })
  },

  onRefuse() {
    return attempt(async () => {
      this.setData(await client.scan.refuse(this.data.scene))
    })
  }
})
