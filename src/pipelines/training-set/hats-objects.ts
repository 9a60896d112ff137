import { openHats } from '../../tables/hats/hats-catalog.ts'
import { type ObjectPart, type ObjectSource, usualId } from './object-source.ts'

/**
 * A HATS catalog or collection as an object catalog. Its margins are not needed: all partitions near a redshift are read,
 * so its neighbours are among them wherever they lie.
 * @param name for messages and the run's record
 * @param idColumn the column with ids; when the catalog lacks it, the usual names are tried
 * @throws HatsError, TableError
 */
export async function openHatsObjects(
  name: string,
  root: string,
  { idColumn, precomputed }: { readonly idColumn: string | null; readonly precomputed: ObjectSource['precomputed'] },
): Promise<ObjectSource> {
  const catalog = await openHats(root)
  const { properties, columns } = catalog
  return {
    name,
    columns,
    rows: properties.rows,
    roles: { id: usualId(columns, idColumn), ra: properties.raColumn, dec: properties.decColumn },
    precomputed,
    async partsNear({ ra, dec }, radius) {
      return catalog.partitionsNear(ra, dec, radius).map(
        (partition): ObjectPart => ({
          name: `Norder=${partition.order}/Npix=${partition.pixel}`,
          rows: null,
          async *batches(wanted) {
            const reader = await catalog.read(partition, wanted)
            try {
              yield* reader.batches()
            } finally {
              await reader.close()
            }
          },
        }),
      )
    },
    close: async () => undefined,
  }
}
