// Builds dist/: one file to copy into a mini-program, and its types beside it.
// `node build.mjs DIRECTORY` builds elsewhere.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

await build({
  absWorkingDir: here,
  entryPoints: ['src/index.ts'],
  outfile: join(target, 'wxlogin.js'),
  bundle: true,
  format: 'cjs',
  target: 'es2018',
  charset: 'utf8',
  minify: true,
  mangleProps: OURS_ALONE,
  legalComments: 'none',
  banner: { js: `${HEAD}// Contains @noble/hashes, (c) 2022 Paul Miller, MIT licence.` },
})
writeFileSync(join(target, 'wxlogin.d.ts'), HEAD + types())

/** The public types in one file: all of api.ts, and what dist/wxlogin.js exports. */
function types() {
  const directory = mkdtempSync(join(tmpdir(), 'wxlogin-types-'))
  const tsc = join(here, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', directory]
  try {
    execFileSync(process.execPath, [tsc, '-p', here, ...options], { stdio: 'inherit' })
    const read = (name) => readFileSync(join(directory, `${name}.d.ts`), 'utf8')
    const exported = (name, which) =>
      read(name).match(new RegExp(`(/\\*\\*[^/]*\\*/\\n)?export declare function ${which}\\(.*\\n`))[0]
    return [
      read('api'),
      exported('client', 'createClient'),
      exported('errors', 'isClientError'),
      exported('texts', 'textOf'),
    ].join('')
  } finally {
    rmSync(directory, { recursive: true })
  }
}
