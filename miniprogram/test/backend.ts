// A team's own service behind nginx: each request is asked about at GET /v1/auth first, as
// deploy/nginx.conf does, and its body is compared with X-Wxlogin-Content-SHA256.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { http, type Answer, type Site } from './stage'

export interface Got {
  method: string
  target: string
  type: string
  body: Buffer
  hash: string
  user: string
}

export class Backend {
  /** What came through to the service. */
  got: Got[] = []
  /** What it does instead of its work: an answer of its own, or hanging up. */
  instead: { status: number; body: object }[] = []
  hangsUp = 0
  /** What happens before the next answer. */
  before: () => Promise<unknown> = async () => undefined
  base = ''
  private readonly server: Server

  constructor(private readonly site: Site) {
    this.server = createServer((request, response) => {
      void this.serve(request).then((answer) => {
        if (!answer) return void request.socket.destroy()
        const { status, header, body } = answer
        response.writeHead(status, header).end(body)
      })
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
    this.base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private async serve(request: IncomingMessage): Promise<Answer | null> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const { method = '', url = '', headers } = request
    const asked = await http('GET', `${this.site.base}/v1/auth`, '', {
      ...(headers as Record<string, string>),
      'x-original-method': method,
      'x-original-uri': url,
    })
    if (asked.status !== 204) {
      const header = { 'Content-Type': asked.header['content-type'] as string }
      const after = asked.header['retry-after']
      return { ...asked, header: after ? { ...header, 'Retry-After': after } : header }
    }
    this.got.push({
      method,
      target: url,
      type: headers['content-type'] || '',
      body,
      hash: String(headers['x-wxlogin-content-sha256'] || ''),
      user: asked.header['x-wxlogin-user'] as string,
    })
    if (this.hangsUp > 0) {
      this.hangsUp -= 1
      return null
    }
    const { before } = this
    this.before = async () => undefined
    await before()
    return this.work(method)
  }

  private work(method: string): Answer {
    const header = { 'Content-Type': 'application/json' }
    const other = this.instead.shift()
    if (other) return { status: other.status, header, body: Buffer.from(JSON.stringify(other.body)) }
    return { status: 200, header, body: Buffer.from(JSON.stringify({ method })) }
  }
}

/** The SHA-256 of a body in hex, as the service compares it. */
export const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** A refusal in wxlogin's form. */
export const problem = (code: string, action: string, status: number): object => ({
  type: `urn:wxlogin:error:${code}`,
  title: '',
  detail: '',
  request_id: 'made-by-a-test',
  code,
  action,
  status,
})
