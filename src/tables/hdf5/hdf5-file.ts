import { type Metadata, ready } from 'h5wasm'
import { RandomAccessFile } from '../random-access-file.ts'
import { TableError } from '../table.ts'

type H5Module = Awaited<typeof ready>

/** What a dataset is made of, in the words of h5wasm; `shape` is null for an empty dataspace. */
export type DatasetMetadata = Metadata

/** A step in the pipeline that a dataset's chunks went through. */
export interface Filter {
  readonly id: number
  readonly name: string
}

let opened = 0

/**
 * An HDF5 file in a sandbox.
 *
 * The HDF5 library runs on a file system in memory that holds this one file, which is read from disk piece by piece.
 * External links, external storage and virtual datasets thus lead nowhere: `/etc/passwd` does not exist in there.
 */
export class Hdf5File {
  readonly #module: H5Module
  readonly #id: bigint
  readonly #path: string
  readonly #file: RandomAccessFile
  readonly #fileName: string
  /** The names of attributes: pandas has three for each column, at one dataset. */
  readonly #attributes = new Map<string, ReadonlySet<string>>()

  private constructor(module: H5Module, id: bigint, path: string, file: RandomAccessFile, fileName: string) {
    this.#module = module
    this.#id = id
    this.#path = path
    this.#file = file
    this.#fileName = fileName
  }

  /** @throws TableError not_a_table when the HDF5 library cannot open it */
  static async open(path: string, fileName: string): Promise<Hdf5File> {
    const module = await ready
    silence(module)
    const file = new RandomAccessFile(path)
    const inside = `/table-${++opened}.hdf5`
    try {
      mountFile(module, file, inside)
      const id = module.open(inside, module.H5F_ACC_RDONLY, false, -1, -1)
      if (id > 0n) return new Hdf5File(module, id, inside, file, fileName)
    } catch {
      // The library's own words are a stack of C functions; what matters is said below.
    }
    file.close()
    throw new TableError('not_a_table', `${fileName} is not an HDF5 file, or is cut off or damaged.`)
  }

  /** Names of the objects in a group. */
  names(group: string): string[] {
    return this.#try(() => [...this.#module.get_names(this.#id, group, false)], group)
  }

  /** What lies at a path. Soft and external links count as nothing: what they lead to in this file is found by itself. */
  kind(path: string): 'dataset' | 'group' | 'nothing' {
    return this.#try(() => {
      if (this.#module.get_symbolic_link(this.#id, path) !== null) return 'nothing'
      const type = this.#module.get_type(this.#id, path)
      if (type === this.#module.H5G_DATASET) return 'dataset'
      return type === this.#module.H5G_GROUP ? 'group' : 'nothing'
    }, path)
  }

  /** The same for two paths that lead to the same object. */
  identity(path: string): string {
    return this.#try(() => Buffer.from(this.#module.create_object_reference(this.#id, path)).toString('hex'), path)
  }

  dataset(path: string): DatasetMetadata {
    return this.#try(() => this.#module.get_dataset_metadata(this.#id, path), path)
  }

  filters(path: string): Filter[] {
    return this.#try(() => this.#module.get_dataset_filters(this.#id, path), path)
  }

  attributeNames(path: string): ReadonlySet<string> {
    let names = this.#attributes.get(path)
    if (names === undefined) {
      names = new Set(this.#try(() => this.#module.get_attribute_names(this.#id, path), path))
      this.#attributes.set(path, names)
    }
    return names
  }

  /** The bytes of a text attribute (padding included), of a scalar or an array; null when it is not text, or is long. */
  attribute(path: string, name: string): Uint8Array | null {
    const { module, id } = { module: this.#module, id: this.#id }
    return this.#try(() => {
      const { size, total_size, type, vlen } = module.get_attribute_metadata(id, path, name)
      if (type !== module.H5T_class_t.H5T_STRING.value || total_size !== 1 || size > MAX_ATTRIBUTE_BYTES) return null
      return this.#withMemory(size, (pointer) => {
        module.get_attribute_data(id, path, name, BigInt(pointer))
        if (!vlen) return module.HEAPU8.slice(pointer, pointer + size)
        const text = this.text(new DataView(module.HEAPU8.buffer).getUint32(pointer, true)).slice()
        module.reclaim_vlen_memory(id, path, name, BigInt(pointer))
        return text
      })
    }, path)
  }

  /**
   * Reads rows (of the first dimension) of a dataset.
   *
   * @param use gets the bytes as they lie in the library's memory; they are valid only until it returns
   * @throws TableError when the library cannot decode them
   */
  readRows<T>(path: string, metadata: DatasetMetadata, start: number, rows: number, use: (bytes: Uint8Array) => T): T {
    const shape = metadata.shape ?? []
    const count = shape.map((size, axis) => BigInt(axis === 0 ? rows : size))
    const offset = shape.map((_, axis) => BigInt(axis === 0 ? start : 0))
    const stride = shape.map(() => 1n)
    const bytes = rowBytes(metadata) * rows
    return this.#withMemory(bytes, (pointer) => {
      const at = BigInt(pointer)
      const status = this.#try(() => this.#module.get_dataset_data(this.#id, path, count, offset, stride, at), path)
      if (status < 0) throw this.#unreadable(path)
      try {
        return use(this.#module.HEAPU8.subarray(pointer, pointer + bytes))
      } finally {
        if (holdsPointers(metadata)) this.#module.reclaim_vlen_memory_count(this.#id, path, '', at, count)
      }
    })
  }

  /** The bytes of a variable-length string, from its pointer; valid while the rows that it belongs to are in use. */
  text(pointer: number): Uint8Array {
    if (pointer === 0) return new Uint8Array(0)
    const { HEAPU8 } = this.#module
    return HEAPU8.subarray(pointer, HEAPU8.indexOf(0, pointer))
  }

  /** A stretch of the library's memory, where the elements of a variable-length cell lie. */
  memory(pointer: number, bytes: number): DataView {
    const { HEAPU8 } = this.#module
    return new DataView(HEAPU8.buffer, HEAPU8.byteOffset + pointer, bytes)
  }

  close(): void {
    this.#module.close_file(this.#id)
    this.#module.FS.unlink(this.#path)
    this.#file.close()
  }

  #withMemory<T>(bytes: number, use: (pointer: number) => T): T {
    const pointer = bytes < MAX_READ_BYTES ? this.#module._malloc(Math.max(8, bytes)) : 0
    if (pointer === 0) {
      throw new TableError('too_large', `${this.#fileName}: ${bytes} bytes would have to be in memory at once.`)
    }
    try {
      return use(pointer)
    } finally {
      this.#module._free(pointer)
    }
  }

  #try<T>(step: () => T, path: string): T {
    try {
      return step()
    } catch (error) {
      if (error instanceof TableError) throw error
      throw this.#unreadable(path)
    }
  }

  #unreadable(path: string): TableError {
    return new TableError(
      'malformed',
      `${this.#fileName}: "${path}" cannot be read; the file is damaged, cut off, or refers to another file.`,
    )
  }
}

const MAX_ATTRIBUTE_BYTES = 1024 * 1024
const MAX_READ_BYTES = 1_000_000_000

/** Bytes of a row of a dataset in memory. */
export function rowBytes({ shape, size }: DatasetMetadata): number {
  return (shape ?? []).slice(1).reduce((product, length) => product * length, size)
}

/** Whether cells (or members of them) are pointers to memory that must be given back. */
export function holdsPointers({ vlen, vlen_type, compound_type, array_type }: DatasetMetadata): boolean {
  return (
    vlen ||
    vlen_type !== undefined ||
    (array_type !== undefined && holdsPointers(array_type)) ||
    (compound_type?.members.some(holdsPointers) ?? false)
  )
}

/** The HDF5 library prints the stack of each error to stderr; what matters of it is in our own errors. */
function silence({ FS }: H5Module): void {
  const streams: unknown = Reflect.get(FS, 'streams')
  const stderr: unknown = Array.isArray(streams) ? streams[2] : undefined
  if (typeof stderr !== 'object' || stderr === null) return
  const write = (_stream: unknown, _buffer: unknown, _offset: number, length: number): number => length
  const operations = Object.assign({}, Reflect.get(stderr, 'stream_ops'), { write })
  Object.defineProperty(stderr, 'stream_ops', { value: operations, configurable: true })
}

/** Puts a file into the file system in memory whose bytes come from disk when they are asked for. */
function mountFile({ FS }: H5Module, file: RandomAccessFile, path: string): void {
  FS.writeFile(path, new Uint8Array(0))
  const { node } = FS.lookupPath(path, {})
  const read = (_stream: unknown, buffer: Uint8Array, offset: number, length: number, position: number): number => {
    const wanted = Math.max(0, Math.min(length, file.size - position))
    return file.read(new Uint8Array(buffer.buffer, buffer.byteOffset + offset, wanted), wanted, position)
  }
  Object.defineProperty(node, 'usedBytes', { get: () => file.size })
  Object.defineProperty(node, 'stream_ops', { value: Object.assign({}, Reflect.get(node, 'stream_ops'), { read }) })
}
