import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import type { ReleaseFields } from '../../domain/release/release.ts'
import { moment } from '../moment.ts'

/** One row for each data release, retired ones too. */
export const releases = pgTable('releases', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  displayName: text('display_name').notNull(),
  description: text('description').notNull(),
  indexingColumn: text('indexing_column').notNull(),
  hasMagHats: boolean('has_mag_hats').notNull(),
  hasFluxHats: boolean('has_flux_hats').notNull(),
  dereddening: jsonb('dereddening').$type<ReleaseFields['dereddening']>().notNull(),
  fluxes: jsonb('fluxes').$type<ReleaseFields['fluxes']>().notNull(),
  isPublic: boolean('is_public').notNull(),
  accessGroups: jsonb('access_groups').$type<readonly number[]>().notNull(),
  retired: boolean('retired').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
})

export type ReleaseRow = typeof releases.$inferSelect
