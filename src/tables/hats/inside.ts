import { realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { HatsError } from './hats-error.ts'

/** Whether one absolute path lies in the folder of another, or is it. */
function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

/**
 * A path below a root, as it really is: neither `..` nor a symbolic link leads out.
 * @param root as `realpath` gives it
 * @returns null when nothing lies there
 * @throws HatsError outside
 */
export async function realPathInside(root: string, ...segments: readonly string[]): Promise<string | null> {
  const wanted = resolve(root, ...segments)
  if (!isInside(wanted, root)) throw outside(segments)
  let real: string
  try {
    real = await realpath(wanted)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  if (!isInside(real, root)) throw outside(segments)
  return real
}

function outside(segments: readonly string[]): HatsError {
  return new HatsError('outside', `${segments.join('/')} leads out of the catalog's folder and is not followed.`)
}

/** Whether the system says that there is no such file, or no folder on the way to it. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
