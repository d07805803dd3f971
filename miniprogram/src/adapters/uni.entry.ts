// What dist/uni.js is built from.

import { fromUni } from './uni'

declare const module: { exports: object }

module.exports = { fromUni }
