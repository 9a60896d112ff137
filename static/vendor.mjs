// Copies what the browser needs from npm packages into static/vendor, with the licences. Run by hand after a version
// changed (`node static/vendor.mjs`), and commit the result: the server reads no file outside static/.
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, '..', 'node_modules')
const vendor = join(here, 'vendor')

/** The woff2 files of a variable font: latin and latin-ext, in the styles that the pages use. */
const font = (name, styles) =>
  ['latin', 'latin-ext'].flatMap((subset) =>
    styles.map((style) => {
      const file = `${name}-${subset}-wght-${style}.woff2`
      return [`@fontsource-variable/${name}/files/${file}`, `fonts/${file}`]
    }),
  )

const files = [
  ['htmx.org/dist/htmx.min.js', 'htmx-4.0.1.min.js'],
  ['htmx.org/dist/ext/hx-sse.min.js', 'hx-sse-4.0.1.min.js'],
  ['htmx.org/LICENSE', 'htmx-LICENSE.txt'],
  ...font('inter', ['normal']),
  ...font('source-serif-4', ['normal', 'italic']),
  ...font('jetbrains-mono', ['normal']),
  ...['inter', 'source-serif-4', 'jetbrains-mono'].map((name) => [
    `@fontsource-variable/${name}/LICENSE`,
    `fonts/${name}-LICENSE.txt`,
  ]),
]

await rm(vendor, { recursive: true, force: true })
await mkdir(join(vendor, 'fonts'), { recursive: true })
for (const [from, to] of files) await copyFile(join(packages, from), join(vendor, to))
