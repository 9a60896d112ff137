import { Badge } from '../../components/badge.tsx'
import type { DataColumn } from '../../components/data-table.tsx'
import { excerpt } from '../../format.ts'

interface Named {
  readonly internalName: string
  readonly displayName: string
  readonly typeName: string
  readonly official?: boolean
}

/** The column that leads to a product. */
export const productName = <Product extends Named>(): DataColumn<Product> => ({
  header: 'Name',
  rowHeader: true,
  wide: true,
  cell: ({ internalName, displayName, typeName, official }) => (
    <>
      <a href={`/product/${internalName}`}>{excerpt(displayName, 80)}</a>
      {official ? (
        <>
          {' '}
          <Badge tone="accent">Official</Badge>
        </>
      ) : null}
      <small>{typeName}</small>
    </>
  ),
})
