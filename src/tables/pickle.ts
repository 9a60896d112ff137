/**
 * What a Python pickle would import, read from its opcodes without running any of them.
 *
 * A pickle is a program: loading one may run anything. Like Hugging Face we show which modules and names it asks for.
 * A clean list is not a proof that a pickle is harmless.
 */

/** The imports of a pickle. */
export interface PickleImports {
  /** `module.name`, each once, in the order of their appearance. */
  readonly imports: readonly string[]
  /** Those of them that can run code, open files or reach the network. */
  readonly suspicious: readonly string[]
  /** Whether the list goes to the end of the pickle: false when it is damaged, too long or makes a name up at run time. */
  readonly isComplete: boolean
}

/** One operation of a pickle; the argument is text where the operation carries text, a number where it carries a number. */
export interface PickleOperation {
  readonly code: string
  readonly argument: string | number | null
}

const MAX_OPERATIONS = 5_000_000
const MAX_IMPORTS = 1_000

/** How the argument of an opcode is written, for the opcodes that have one (CPython, Lib/pickletools.py). */
const ARGUMENTS: Readonly<Record<string, 'line' | 'two lines' | 'bytes' | 'text' | readonly [number]>> = {
  F: 'line',
  I: 'line',
  L: 'line',
  S: 'line',
  V: 'line',
  P: 'line',
  g: 'line',
  p: 'line',
  c: 'two lines',
  i: 'two lines',
  K: [1],
  M: [2],
  J: [4],
  G: [8],
  h: [1],
  j: [4],
  q: [1],
  r: [4],
  '\x80': [1],
  '\x82': [1],
  '\x83': [2],
  '\x84': [4],
  '\x95': [8],
  U: 'text',
  T: 'text',
  X: 'text',
  '\x8c': 'text',
  '\x8d': 'text',
  C: 'bytes',
  B: 'bytes',
  '\x8e': 'bytes',
  '\x96': 'bytes',
  '\x8a': 'bytes',
  '\x8b': 'bytes',
}
/** Bytes of the length before a counted argument. */
const LENGTH_BYTES: Readonly<Record<string, 1 | 4 | 8>> = {
  U: 1,
  T: 4,
  X: 4,
  '\x8c': 1,
  '\x8d': 8,
  C: 1,
  B: 4,
  '\x8e': 8,
  '\x96': 8,
  '\x8a': 1,
  '\x8b': 4,
}
/** Opcodes without an argument. */
const PLAIN = new Set('(012NQRabdlotsu}]).e\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98')
const LONG_TEXT = 10_000

/** Walks the operations of a pickle. Ends silently at STOP, and where the bytes are no pickle any more (see `isComplete`). */
export function* pickleOperations(bytes: Uint8Array): Generator<PickleOperation> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  for (let count = 0; count < MAX_OPERATIONS && at < bytes.length; count++) {
    const code = String.fromCharCode(bytes[at++]!)
    const kind = ARGUMENTS[code]
    let argument: string | number | null = null
    if (kind === undefined) {
      if (!PLAIN.has(code)) return
    } else if (kind === 'line' || kind === 'two lines') {
      const lines: string[] = []
      for (let n = kind === 'line' ? 1 : 2; n > 0; n--) {
        const end = bytes.indexOf(0x0a, at)
        if (end < 0) return
        // `V` is "raw-unicode-escape": Latin-1, with the characters beyond it as \\u….
        lines.push(textOf(bytes.subarray(at, end), code === 'V' ? 'latin1' : 'utf-8'))
        at = end + 1
      }
      argument = lines.join(' ')
    } else if (kind === 'text' || kind === 'bytes') {
      const width = LENGTH_BYTES[code]!
      if (at + width > bytes.length) return
      const length =
        width === 1 ? view.getUint8(at) : width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true))
      at += width
      if (at + length > bytes.length) return
      if (kind === 'text') argument = textOf(bytes.subarray(at, at + length))
      at += length
    } else {
      const [width] = kind
      if (at + width > bytes.length) return
      if (width === 1) argument = view.getUint8(at)
      if (width === 4) argument = view.getUint32(at, true)
      at += width
    }
    yield { code, argument }
    if (code === '.') return
  }
}

/** The imports of a pickle, read without executing it. Bounded in time and memory by the length of the bytes. */
export function pickleImports(bytes: Uint8Array): PickleImports {
  const imports = new Set<string>()
  const memo = new Map<number, string | null>()
  /** The texts that were pushed last: STACK_GLOBAL takes the two on top. */
  const texts: (string | null)[] = []
  let isComplete = false
  let guessed = false
  for (const { code, argument } of pickleOperations(bytes)) {
    if (code === '.') isComplete = true
    else if (code === 'c' || code === 'i') imports.add(String(argument).replace(' ', '.'))
    else if (code === '\x93') {
      const [module, name] = texts.slice(-2)
      if (typeof module === 'string' && typeof name === 'string') imports.add(`${module}.${name}`)
      else guessed = true
      texts.splice(-2, 2, null)
    } else if (code === '\x82' || code === '\x83' || code === '\x84') {
      guessed = true
    } else if (typeof argument === 'string' && 'SVUTX\x8c\x8d'.includes(code)) {
      texts.push(code === 'S' ? argument.replace(/^(['"])(.*)\1$/, '$2') : argument)
    } else if (code === 'p' || code === 'q' || code === 'r') {
      memo.set(Number(argument), texts.at(-1) ?? null)
    } else if (code === '\x94') {
      memo.set(memo.size, texts.at(-1) ?? null)
    } else if (code === 'g' || code === 'h' || code === 'j') {
      texts.push(memo.get(Number(argument)) ?? null)
    } else if (code !== '\x80' && code !== '\x95') {
      texts.push(null)
    }
    if (texts.length > 64) texts.splice(0, 32)
    if (imports.size > MAX_IMPORTS) {
      isComplete = false
      break
    }
  }
  const all = [...imports]
  return { imports: all, suspicious: all.filter(isSuspicious), isComplete: isComplete && !guessed }
}

/** Modules whose functions run code, open files or reach the network. */
const SUSPICIOUS_MODULES = new Set([
  'os',
  'posix',
  'nt',
  'subprocess',
  'sys',
  'socket',
  'shutil',
  'runpy',
  'pty',
  'commands',
  'importlib',
  'ctypes',
  'webbrowser',
  'requests',
  'urllib',
  'http',
  'httplib',
  'ftplib',
  'smtplib',
  'pickle',
  '_pickle',
  'marshal',
  'code',
  'codeop',
  'pdb',
  'bdb',
  'timeit',
  'cProfile',
  'profile',
  'asyncio',
  'multiprocessing',
  'threading',
  'signal',
  'platform',
  'pip',
  'ensurepip',
  'venv',
  'distutils',
  'setuptools',
  'tempfile',
  'pathlib',
  'io',
  '_io',
  'operator',
  '_operator',
  'functools',
  'types',
  'inspect',
  'gc',
])
const SUSPICIOUS_BUILTINS = new Set([
  'eval',
  'exec',
  'execfile',
  'compile',
  'open',
  'input',
  'raw_input',
  '__import__',
  'getattr',
  'setattr',
  'delattr',
  'globals',
  'locals',
  'vars',
  'breakpoint',
  'apply',
  'file',
])

function isSuspicious(name: string): boolean {
  const [module, ...rest] = name.split('.')
  if (module === 'builtins' || module === '__builtin__' || module === '__builtins__') {
    return SUSPICIOUS_BUILTINS.has(rest[0] ?? '')
  }
  return SUSPICIOUS_MODULES.has(module!) && name !== 'functools.partial'
}

function textOf(bytes: Uint8Array, encoding: 'utf-8' | 'latin1' = 'utf-8'): string {
  return new TextDecoder(encoding).decode(bytes.subarray(0, LONG_TEXT))
}
