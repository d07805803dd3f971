// What dist/wxlogin.js is built from: bundlers wrap ES exports into code of their own.

import { createClient } from './client'
import { isClientError } from './errors'
import { textOf } from './texts'

declare const module: { exports: object }

module.exports = { createClient, isClientError, textOf }
