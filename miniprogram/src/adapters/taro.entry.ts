// What dist/taro.js is built from.

import { fromTaro } from './taro'

declare const module: { exports: object }

module.exports = { fromTaro }
