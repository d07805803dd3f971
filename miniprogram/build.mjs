// Builds dist/: one file to copy into a mini-program, an adapter each for Taro and uni-app, and the
// types beside them.
// `node build.mjs DIRECTORY` builds elsewhere.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const target = process.argv[2] ?? join(here, 'dist')
const HEAD = '// wxlogin for WeChat mini-programs. Built by `make client`; do not edit.\n'
/** Names that nobody outside of this file knows: those of ours end with `_`. */
const OURS_ALONE =
  /_$|^(_cloneInto|roundClean|padOffset|canXOF|blockLen|outputLen|destroyed|digestInto|finished|process|destroy|digest|update|canXOF|clone|isLE|view|pos)$/

await bundle('src/index.ts', 'wxlogin.js', `${HEAD}// Contains @noble/hashes, (c) 2022 Paul Miller, MIT licence.`)
await bundle('src/adapters/taro.entry.ts', 'taro.js', HEAD.trim())
await bundle('src/adapters/uni.entry.ts', 'uni.js', HEAD.trim())
writeTypes()
if (target === join(here, 'dist')) {
  // The example is opened as it is, and the developer tools look into no folder above it.
  copyFileSync(join(target, 'wxlogin.js'), join(here, 'example/wxlogin.js'))
}

function bundle(entry, name, banner) {
  return build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join(target, name),
    bundle: true,
    format: 'cjs',
    target: 'es2018',
    charset: 'utf8',
    minify: true,
    mangleProps: OURS_ALONE,
    legalComments: 'none',
    banner: { js: banner },
  })
}

/** The public types: all of api.ts and what dist/wxlogin.js exports; the adapters' beside it. */
function writeTypes() {
  const directory = mkdtempSync(join(tmpdir(), 'wxlogin-types-'))
  const tsc = join(here, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', directory]
  try {
    execFileSync(process.execPath, [tsc, '-p', here, ...options], { stdio: 'inherit' })
    const read = (name) => readFileSync(join(directory, `${name}.d.ts`), 'utf8')
    const exported = (name, which) =>
      read(name).match(new RegExp(`(/\\*\\*[^/]*\\*/\\n)?export declare function ${which}\\(.*\\n`))[0]
    const write = (name, ...parts) => writeFileSync(join(target, `${name}.d.ts`), HEAD + parts.join(''))
    write(
      'wxlogin',
      read('api'),
      exported('client', 'createClient'),
      exported('errors', 'isClientError'),
      exported('texts', 'textOf'),
    )
    const platform = "import type { Platform } from './wxlogin';\n"
    write('taro', platform, exported('adapters/taro', 'fromTaro'))
    write('uni', platform, exported('adapters/uni', 'fromUni'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
