// wx.uploadFile and wx.downloadFile, signed as far as the platform lets one.

import type { DownloadOptions, Platform, UploadOptions } from './api'
import type { Addresses } from './addresses'
import type { Caller, Call, Header } from './caller'
import { problemOf, type Errors } from './errors'
import { hashOf } from './signing'

type Uploaded = WechatMiniprogram.UploadFileSuccessCallbackResult
type Downloaded = WechatMiniprogram.DownloadFileSuccessCallbackResult

/** What both functions of the platform have in common. */
interface Transfer<T> {
  url: string
  header: Header
  success(answer: T): void
  fail(result: { errMsg: string }): void
}

/** Larger files are not hashed: a phone would stand still meanwhile. */
const MOST_BYTES = 10 * 1024 * 1024

export class Files {
  constructor(
    private readonly platform_: Platform,
    private readonly addresses_: Addresses,
    private readonly caller_: Caller,
    private readonly errors_: Errors,
  ) {}

  /** The platform writes the form around the file, so the file's own hash is what is signed. */
  async upload_({ repeatable = false, ...options }: UploadOptions): Promise<Uploaded> {
    const bodyHash = await this.hashOfFile_(options.filePath)
    return this.transfer_<Uploaded>(
      { method: 'POST', repeatable, signed_: true },
      options,
      bodyHash,
      (transfer) => this.platform_.uploadFile({ ...options, ...transfer }),
      ({ data }) => data,
    )
  }

  download_({ sign = true, ...options }: DownloadOptions): Promise<Downloaded> {
    return this.transfer_<Downloaded>(
      { method: 'GET', repeatable: true, signed_: sign },
      options,
      undefined,
      (transfer) => this.platform_.downloadFile({ ...options, ...transfer }),
      (answer) => this.contentOf_(answer),
    )
  }

  private transfer_<T extends { statusCode: number }>(
    call: Pick<Call<T>, 'method' | 'repeatable' | 'signed_'>,
    options: UploadOptions | DownloadOptions,
    bodyHash_: string | undefined,
    start: (transfer: Transfer<T>) => unknown,
    content: (answer: T) => string,
  ): Promise<T> {
    const url = this.addresses_.resolve_(options.url)
    const send = (header: Header): Promise<T> =>
      new Promise((resolve, reject) => {
        start({
          url,
          header: { ...options.header, ...header },
          success: (answer) => {
            const status = answer.statusCode
            const problem = status >= 400 ? problemOf(status, content(answer)) : null
            const { header: got } = answer as { header?: object }
            if (problem) reject(this.errors_.refused_(problem, got))
            else resolve(answer)
          },
          fail: (result) => reject(this.errors_.failed_(result)),
        })
      })
    return this.caller_.call_({
      ...call,
      url,
      token: 'session',
      prepare_: async () => ({ bodyHash_, send }),
    })
  }

  /** A refusal lies in the file that was to be the download. */
  private contentOf_({ tempFilePath, filePath }: Downloaded): string {
    try {
      const files = this.platform_.getFileSystemManager()
      return files.readFileSync(filePath || tempFilePath, 'utf8') as string
    } catch {
      return ''
    }
  }

  /** The SHA-256 of a file in hex; undefined for one that is large or cannot be read. */
  private hashOfFile_(filePath: string): Promise<string | undefined> {
    const files = this.platform_.getFileSystemManager()
    return new Promise((resolve) => {
      const fail = (): void => resolve(undefined)
      files.getFileInfo({
        filePath,
        success: ({ size }) => {
          if (size > MOST_BYTES) return fail()
          const success = ({ data }: { data: string | ArrayBuffer }): void => resolve(hashOf(data))
          files.readFile({ filePath, success, fail })
        },
        fail,
      })
    })
  }
}
