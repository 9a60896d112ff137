/** Every page in its states, by name: what the tests check and the gallery draws. */

import { adminPages } from './admin-pages.tsx'
import type { Pages } from './page-states.ts'
import { productPages } from './product-pages.tsx'
import { sitePages } from './site-pages.tsx'

export const pages: Pages = { ...sitePages, ...productPages, ...adminPages }

/** A page as the text that the server would send. */
export const rendered = async (name: string): Promise<string> => String(await pages[name]?.())
