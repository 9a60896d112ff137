import type { Sql } from '../../database/database.ts'
import type { ReleaseAccess } from '../../domain/product/permissions.ts'
import type { ProductStatus } from '../../domain/product/product.ts'
import type { ProductTypeName } from '../../domain/product/product-type.ts'
import type { RunStatus } from '../../domain/run/run.ts'

/** A run read something: which version of which product, by its bytes. */
export interface Use {
  readonly runId: number
  readonly place: number
  readonly role: 'input' | 'objects'
  readonly productId: number | null
  readonly fileId: number | null
  readonly releaseId: number | null
  /** Who may use the release; null for a product. */
  readonly release: ReleaseAccess | null
  readonly name: string
  readonly digest: string
  /** Number of the main file that was read; null for a release. */
  readonly version: number | null
  readonly outputProductId: number
  readonly at: string
  readonly position: string
}

/** A product of the graph, with what decides who may see it. */
export interface RelatedProduct {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  readonly productType: ProductTypeName
  readonly status: ProductStatus
  readonly ownerId: number
  readonly official: boolean
  readonly runId: number | null
  /** Of the current main file; null without one. */
  readonly digest: string | null
  readonly version: number
  readonly release: ReleaseAccess | null
}

export interface RelatedRun {
  readonly id: number
  readonly displayName: string
  readonly pipelineName: string
  readonly pipelineVersion: string
  readonly status: RunStatus
  readonly outputProductId: number
}

/** All runs and products that a product comes from, and all that came of it, at any depth. */
export interface Relations {
  readonly uses: readonly Use[]
  readonly products: ReadonlyMap<number, RelatedProduct>
  readonly runs: ReadonlyMap<number, RelatedRun>
}

/** More runs than this, in either direction, are not drawn. */
export const MOST_RUNS = 2_000

/**
 * Common table expressions that find the relations of the product `$1`, for the head of a query, and selections of `kind` and
 * `row` (JSON) for a union: so that the page of a product takes no further query.
 */
export const RELATIONS_WITH = `with recursive
  origins (run_id) as (
    select run_id from lineage where output_product_id = $1
    union
    select made.run_id from origins
      join lineage used on used.run_id = origins.run_id
      join lineage made on made.output_product_id = used.product_id
  ),
  uses_of (run_id) as (
    select run_id from lineage where product_id = $1
    union
    select next.run_id from uses_of
      join lineage made on made.run_id = uses_of.run_id
      join lineage next on next.product_id = made.output_product_id
  ),
  related as (
    (select run_id from origins limit ${MOST_RUNS}) union (select run_id from uses_of limit ${MOST_RUNS})
  ),
  used as (select l.* from lineage l join related using (run_id))`

const RELEASE_ACCESS = `case when r.id is not null
  then jsonb_build_object('isPublic', r.is_public, 'accessGroups', r.access_groups) end`

export const RELATIONS_ROWS: readonly string[] = [
  `(select 'use' as kind, jsonb_build_object('runId', u.run_id, 'place', u.place, 'role', u.role, 'productId', u.product_id,
      'fileId', u.file_id, 'releaseId', u.release_id, 'name', u.name, 'digest', u.digest, 'version', f.version,
      'outputProductId', u.output_product_id, 'at', u.at, 'position', u.position, 'release', ${RELEASE_ACCESS}) as row
    from used u left join files f on f.id = u.file_id left join releases r on r.id = u.release_id order by u.run_id, u.place)`,
  `(select 'product', jsonb_build_object('id', p.id, 'internalName', p.internal_name, 'displayName', p.display_name,
      'productType', p.product_type, 'status', p.status, 'ownerId', p.owner_id, 'official', p.official, 'runId', p.run_id,
      'digest', f.sha256, 'version', p.version,
      'release', ${RELEASE_ACCESS})
    from products p left join files f on f.id = p.main_file_id left join releases r on r.id = p.release_id
    where p.id in (select product_id from used union select output_product_id from used union select $1))`,
  `(select 'run', jsonb_build_object('id', id, 'displayName', display_name, 'pipelineName', pipeline_name,
      'pipelineVersion', pipeline_version, 'status', status, 'outputProductId', output_product_id)
    from runs where id in (select run_id from related))`,
]

/** A row of the union of `RELATIONS_ROWS`. */
export interface RelationRow {
  readonly kind: string
  readonly row: Readonly<Record<string, unknown>>
}

/** Sorts the rows of the union by their kind. */
export function relationsOf(rows: readonly RelationRow[]): Relations {
  const of = <Row>(kind: string) => rows.filter((each) => each.kind === kind).map((each) => each.row as unknown as Row) // as the query builds it
  const uses = of<Use>('use').map((use) => ({ ...use, at: new Date(use.at).toISOString() }))
  return {
    uses,
    products: new Map(of<RelatedProduct>('product').map((product) => [product.id, product])),
    runs: new Map(of<RelatedRun>('run').map((run) => [run.id, run])),
  }
}

/** Everything that the product comes from and that came of it. One SQL query. */
export async function findRelations(db: Sql, productId: number): Promise<Relations> {
  return relationsOf(
    await db.query<RelationRow>(`${RELATIONS_WITH} ${RELATIONS_ROWS.join(' union all ')}`, [productId]),
  )
}
