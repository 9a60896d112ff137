import { describe, expect, it } from 'vitest'
import { pickleImports } from '../../src/tables/pickle.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

describe('the imports of a pickle', () => {
  it('are read from protocol 0 (GLOBAL)', () => {
    // pickle.dumps(os.system reduced with 'id', protocol=0)
    expect(pickleImports(bytes('cposix\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.'))).toEqual({
      imports: ['posix.system'],
      suspicious: ['posix.system'],
      isComplete: true,
    })
  })

  it('are read from protocol 4 (STACK_GLOBAL), through the memo too', () => {
    const pickle =
      '\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94h\0\x8c\x05popen\x93\x8c\x02id\x85R.'
    expect(pickleImports(bytes(pickle))).toEqual({
      imports: ['posix.system', 'posix.popen'],
      suspicious: ['posix.system', 'posix.popen'],
      isComplete: true,
    })
  })

  it('are not suspicious when they are arrays and models', () => {
    const pickle = 'cnumpy._core.multiarray\n_reconstruct\ncbuiltins\nlist\ncbuiltins\neval\n.'
    expect(pickleImports(bytes(pickle))).toMatchObject({
      imports: ['numpy._core.multiarray._reconstruct', 'builtins.list', 'builtins.eval'],
      suspicious: ['builtins.eval'],
    })
  })

  it('are told to be incomplete when the pickle is cut off, is none, or makes a name up', () => {
    expect(pickleImports(bytes('cposix\nsystem\n')).isComplete).toBe(false)
    expect(pickleImports(bytes('ra,dec\n1,2\n')).isComplete).toBe(false)
    expect(pickleImports(bytes('\x80\x04\x8c\xffab')).isComplete).toBe(false)
    expect(pickleImports(bytes('\x80\x04)\x8c\x01a\x93.')).isComplete).toBe(false)
    expect(pickleImports(bytes('')).isComplete).toBe(false)
  })
})
