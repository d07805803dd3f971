// The sites that pytest runs for these tests (tests/client/stage.py), and the phone's controls there.

import { request as send } from 'node:http'

const STAGE = process.env.STAGE

export interface Site {
  base: string
  sandbox: string
}

/** The site's time in Unix seconds, which stands still until a test moves it. */
export let now = 0

async function act<T>(name: string, body: object): Promise<T> {
  if (!STAGE) throw new Error('run these tests by pytest: tests/client')
  const answer = await http('POST', `${STAGE}/${name}`, JSON.stringify(body))
  const given = JSON.parse(answer.body.toString()) as T & { now: number }
  now = given.now
  return given
}

/** A running wxlogin with these settings. Signatures are required, as in production. */
export const site = (settings: Record<string, string> = {}): Promise<Site> => act('site', settings)
export const forward = (seconds: number): Promise<void> => act('forward', { seconds })
export const killRedis = (): Promise<void> => act('kill', {})
export const restartRedis = (): Promise<void> => act('restart', {})

/** A control of the sandbox: code, phone-code, phone, profile, rotate, faults. */
export async function sandbox<T>({ sandbox: base }: Site, name: string, body: object): Promise<T> {
  const header = { 'Content-Type': 'application/json' }
  const answer = await http('POST', `${base}/sandbox/${name}`, JSON.stringify(body), header)
  if (answer.status !== 200) throw new Error(answer.body.toString())
  return JSON.parse(answer.body.toString()) as T
}

/** The next calls of a path of WeChat's go wrong. */
export const fault = (at: Site, path: string, fields: object): Promise<void> =>
  sandbox(at, 'faults', { path, ...fields })
export const LOGIN = '/sns/jscode2session'

export interface Answer {
  status: number
  header: Record<string, string>
  body: Buffer
}

/** One request, its target sent byte for byte. */
export function http(
  method: string,
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [, host, port, target] = /^http:\/\/([^:/]+):(\d+)(.*)$/.exec(url) as unknown as string[]
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': String(Buffer.byteLength(body)) }
    const path = target || '/'
    const request = send({ host, port, method, path, headers: { ...headers, ...length } })
    request.on('error', reject)
    request.on('response', (came) => {
      const parts: Buffer[] = []
      came.on('data', (part: Buffer) => parts.push(part))
      came.on('end', () =>
        resolve({
          status: came.statusCode as number,
          header: came.headers as Record<string, string>,
          body: Buffer.concat(parts),
        }),
      )
    })
    request.end(body)
  })
}
