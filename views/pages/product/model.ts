import type { Cell, ColumnProfile, Histogram } from '../../../src/tables/inspection.ts'
import type { ProductStatus } from '../../components/badge.tsx'
import type { BlameRow } from '../../components/blame-table.tsx'
import type { FileEntry } from '../../components/file-list.tsx'
import type { HistoryFilterProps } from '../../components/history-filter.tsx'
import type { TimelineEntry } from '../../components/timeline.tsx'
import type { Action } from '../../frame.ts'
import type { DensityGrid } from '../../plots/density.tsx'
import type { LineageEdge, LineageNode } from '../../plots/lineage.tsx'
import type { SkyCell } from '../../plots/sky-map.tsx'

/** What the head and the rail of a product's page show, whatever the tab. */
export interface ProductView {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  readonly typeName: string
  /** The list of the products of this type: "/products?type=redshift_catalog". */
  readonly typeHref: string
  readonly release: { readonly name: string; readonly href: string } | null
  readonly owner: { readonly name: string; readonly href: string }
  readonly official: boolean
  readonly status: ProductStatus
  /** Why a failed product failed, what a draft still lacks. */
  readonly statusReason?: string | null
  /** The run that tells more of it. */
  readonly failedRunHref?: string | null
  /** "Upload", or the pipeline's name and the run. */
  readonly origin: { readonly name: string; readonly href?: string }
  readonly pzCode: string | null
  readonly createdAt: string
  readonly updatedAt: string
  /** Version of the product: number of times its files changed, from 1. */
  readonly version: number
  /** The facts of the data in one sentence, made from the inspection; null for what is not a table. */
  readonly summary: string | null
  /** The description: rendered from Markdown and sanitised by the caller; null when there is none. */
  readonly descriptionHtml: string | null
  readonly files: readonly FileEntry[]
  /** How many others use it: "2 training sets". */
  readonly usedBy: { readonly text: string; readonly href: string } | null
  /** Why it no longer is what its inputs would give today: sentences; empty when it is. */
  readonly stale?: readonly string[]
  readonly download: {
    /** The main file; null for an entry with metadata alone. */
    readonly main: { readonly href: string; readonly format: string; readonly size: number } | null
    readonly zip: { readonly href: string; readonly size: number } | null
  }
  readonly edit: Action
  readonly remove: Action
  /** Where a deleted product is restored, for those who may. */
  readonly restore: { readonly href: string } | null
  readonly share: Share
  readonly recent: readonly TimelineEntry[]
  readonly lineage: { readonly nodes: readonly LineageNode[]; readonly edges: readonly LineageEdge[] }
  /** How often it was taken; null when nobody counts, and in the past. `href` leads owners to who took it. */
  readonly downloads: {
    readonly times: number
    readonly people: number | null
    readonly href: string | null
  } | null
  readonly proof: Proof
}

/** How to refer to the product and to use it elsewhere; the identifiers are filled in. */
export interface Share {
  readonly url: string
  /** Leads to the state that the page shows, whatever happens later; so do the citations. */
  readonly permalink: string
  readonly bibtex: string
  readonly citations: readonly { readonly label: string; readonly href: string }[]
  /** "Python", "curl", "pandas", "astropy", "RAIL": in this order. */
  readonly snippets: readonly { readonly name: string; readonly code: string }[]
}

/** That the product is what the log says. */
export interface Proof {
  /** Of the main file; null without one. */
  readonly sha256: string | null
  /** Position of the product's last event in the log (a decimal string: it may exceed 2^53). */
  readonly position: string
  readonly verifiedAt: string | null
  readonly href: string
}

/** A view of the past: the moments that can be chosen, and the chosen one. */
export interface Moments {
  /** Newest first; `value` goes to `?as_of=`, '' is now. */
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  readonly chosen: string
}

export type ProductTab =
  | 'preview'
  | 'columns'
  | 'sky'
  | 'redshift'
  | 'description'
  | 'config'
  | 'logs'
  | 'provenance'
  | 'history'

/** A column with the role that a person gave it. */
export interface ProductColumn extends ColumnProfile {
  /** ID, RA, Dec, z, z_err, z_flag, survey, or a name of the user's own. */
  readonly role: string | null
}

export interface PreviewView {
  /** Of the whole table. */
  readonly totalRows: number
  readonly totalColumns: number
  /** Those shown, in the order shown (those with a role first). */
  readonly columns: readonly ProductColumn[]
  /** One array per row, in the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[]
  /** 1-based number of the first row shown. */
  readonly firstRow: number
  readonly allColumnsHref: string | null
  readonly previousHref: string | null
  readonly nextHref: string | null
  /** Where its rows can be searched by position; null without positions. */
  readonly coneHref: string | null
  /** What the reader of the file wants to be known. */
  readonly notes: readonly string[]
}

export interface SkyView {
  readonly cells: readonly SkyCell[]
  /** Rows that are on no map. */
  readonly without: number
  /** Fields to look at closely; the chosen one is drawn. */
  readonly fields: readonly { readonly label: string; readonly href: string; readonly chosen: boolean }[]
  /** How many fields there are; the fullest can be looked at. */
  readonly fieldCount: number
  /** The cells of the chosen field, finer. */
  readonly field: { readonly label: string; readonly cells: readonly SkyCell[] } | null
}

/** A row that a cone search found: its distance from the centre, arcsec, and its cells. */
export interface ConeRow {
  readonly distance: number
  readonly cells: readonly Cell[]
}

/** A search for rows around a position: what was asked, as it was typed, and what was found. */
export interface ConeView {
  readonly ra: string
  readonly dec: string
  /** Arcsec. */
  readonly radius: string
  readonly problems: readonly { readonly field?: string; readonly text: string }[]
  readonly found: {
    /** What was searched: degrees, and the radius in arcsec. */
    readonly centre: { readonly ra: number; readonly dec: number; readonly radius: number }
    /** Those shown, with a role first. */
    readonly columns: readonly { readonly name: string; readonly type: string; readonly unit: string | null }[]
    readonly totalColumns: number
    /** The nearest first. */
    readonly rows: readonly ConeRow[]
    /** Whether there are more. */
    readonly isCut: boolean
    readonly jsonHref: string
    readonly votableHref: string
  } | null
}

export interface RedshiftView {
  readonly column: string
  readonly histogram: Histogram
  readonly secure: { readonly label: string; readonly counts: readonly number[] } | null
  readonly against: readonly { readonly title: string; readonly grid: DensityGrid }[]
  readonly flags: {
    readonly column: string
    readonly values: readonly { readonly value: string; readonly count: number }[]
  } | null
}

/**
 * What a tab shows. Null content says that there is none, and `why` says the reason; or that it is still being worked out,
 * and `again` is where to look again.
 */
export type TabContent =
  | {
      readonly tab: 'preview'
      readonly preview: PreviewView | null
      readonly why?: string
      readonly sky?: readonly SkyCell[] | null
      readonly redshift?: { readonly column: string; readonly histogram: Histogram } | null
    }
  | { readonly tab: 'columns'; readonly columns: readonly ProductColumn[]; readonly rows: number }
  | {
      readonly tab: 'sky'
      readonly sky: SkyView | null
      readonly why?: string
      readonly again?: string
      /** Null when the product has no positions to search. */
      readonly cone: ConeView | null
    }
  | { readonly tab: 'redshift'; readonly redshift: RedshiftView | null; readonly why?: string; readonly again?: string }
  | {
      readonly tab: 'description'
      readonly files: readonly { readonly name: string; readonly href: string; readonly chosen: boolean }[]
      /** Address of the chosen file on the sandboxed path (`/raw/<sha256>`). */
      readonly src: string | null
      readonly downloadHref: string | null
    }
  | {
      readonly tab: 'config' | 'logs'
      /** Null when there is no such file. */
      readonly text: string | null
      /** There is more of it: a configuration goes on, a log began before. */
      readonly truncated: boolean
      readonly fileHref: string | null
    }
  | {
      readonly tab: 'provenance'
      readonly nodes: readonly LineageNode[]
      readonly edges: readonly LineageEdge[]
      readonly exports: readonly { readonly label: string; readonly href: string }[]
      readonly blame: readonly BlameRow[]
    }
  | {
      readonly tab: 'history'
      readonly entries: readonly TimelineEntry[]
      readonly filter: HistoryFilterProps | null
      /** Events after the moment that is shown. */
      readonly later: number
      readonly feedHref: string
      readonly imported: ImportedView | null
    }

/** What happened to an imported product on the server that it comes from. */
export interface ImportedView {
  readonly server: string | null
  /** The product there. */
  readonly stream: string
  /** SHA-256 of the key of that server. */
  readonly signedBy: string
  readonly signedAt: string
  /** Why its history is not to be believed; null when its chain and the signature hold. */
  readonly problem: string | null
  readonly count: number
  readonly entries: readonly TimelineEntry[]
}
