import { Hono } from 'hono'
import { counted } from '../../../views/format.ts'
import type { Flash } from '../../../views/frame.ts'
import type { MetadataForm } from '../../../views/pages/product/form.tsx'
import { type Draft, type InspectionView, ProductNewPage } from '../../../views/pages/product/new.tsx'
import type { Request } from '../../application/command.ts'
import { draftFromFile, publishDraft, type RoleWish, roleCommands } from '../../application/drafts.ts'
import { attachFile } from '../../application/files.ts'
import { readInspection } from '../../application/inspection.ts'
import {
  canChange,
  changeProduct,
  metadataEdit,
  registerProduct,
  requireProduct,
  requireProductNamed,
} from '../../application/products.ts'
import { requireRoom } from '../../application/quota.ts'
import { checkValues } from '../../application/value-check.ts'
import type { AppContext } from '../../context.ts'
import { forbidden } from '../../domain/error.ts'
import { productType } from '../../domain/product/product-type.ts'
import { whatIsMissing } from '../../domain/product/publishable.ts'
import { productColumns } from '../../projections/columns/queries.ts'
import type { ColumnRow } from '../../projections/columns/tables.ts'
import { currentFiles } from '../../projections/files/queries.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { type ListedProduct, listProducts } from '../../projections/products/queries.ts'
import type { Inspection } from '../../tables/inspection.ts'
import { type Body, readBody } from '../body.ts'
import { announcedSize } from '../body-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { type Problem, RequestError } from '../problem.ts'
import {
  type Again,
  errorsOf,
  fileEntry,
  formatInWords,
  isTabular,
  MOST_FIELDS,
  MOST_FILES,
  metadataOf,
  metadataRules,
  NO_METADATA,
  productInput,
  productPath,
  ROLE_CHOICES,
  refusal,
  roleErrors,
  roleOfExtra,
  roleRows,
  roleWishes,
  sentenceOf,
  statusOf,
  textOf,
  typedMetadata,
} from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** `/product/new` and `/product/<…>/draft`: from a file to a published product, on one page. */
export function newProductPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const files = (most: number) => ({ files: { store: context.blobs, limit: context.config.uploadLimit, most } })

  router.get('/product/new', async (c) => showNew(context, c, requestOf(c)))

  router.post('/product/new', async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw)
    const values = typedMetadata(body, NO_METADATA)
    const publish = textOf(body, 'intent') === 'publish'
    try {
      const { displayName, type } = values
      const input = { ...productInput(values, NO_METADATA), displayName, productType: type === '' ? null : type }
      const id = await registerProduct(context, request, { ...input, official: values.official, publish })
      const { product } = await requireProduct(context, request, id)
      leaveFlash(c, { kind: 'success', text: publish ? 'Published.' : 'The draft is saved.' })
      return c.redirect(productPath(product.internalName, publish ? '' : '/draft'), 303)
    } catch (error) {
      return showNew(context, c, request, { problem: refusal(error), values })
    }
  })

  router.post('/product/new/main-file', async (c) => {
    const request = requestOf(c)
    try {
      await requireRoom(context, request.actor.userId, announcedSize(c.req.raw))
      await using body = await readBody(c.req.raw, files(MOST_FILES))
      if (body.files.length === 0) throw new RequestError('bad_request', 'Choose a file first.')
      const made: number[] = []
      const refused: { readonly name: string; readonly problem: Problem }[] = []
      for (const { name, mediaType, blob } of body.files) {
        try {
          made.push(await draftFromFile(context, request, { name, mediaType, blob }, c.req.raw.signal))
        } catch (error) {
          refused.push({ name, problem: refusal(error) })
        }
      }
      return refused.length === 0 ? await leadToDrafts(c, request, made) : await showRefused(c, request, made, refused)
    } catch (error) {
      return showNew(context, c, request, { problem: refusal(error) })
    }
  })

  async function leadToDrafts(c: PageContext, request: Request, made: readonly number[]) {
    const [only] = made
    if (made.length !== 1 || only === undefined) {
      leaveFlash(c, { kind: 'success', text: `${made.length} drafts were made. Complete them one by one.` })
      return c.redirect('/product/new', 303)
    }
    const { product } = await requireProduct(context, request, only)
    return c.redirect(productPath(product.internalName, '/draft'), 303)
  }

  async function showRefused(
    c: PageContext,
    request: Request,
    made: readonly number[],
    refused: readonly { readonly name: string; readonly problem: Problem }[],
  ) {
    const [first] = refused
    if (first === undefined) throw new Error('Nothing was refused')
    const kept =
      made.length === 0
        ? 'Nothing was stored.'
        : `${counted(made.length, 'other file')} became ${made.length === 1 ? 'a draft' : 'drafts'}.`
    const flash: Flash = {
      kind: 'problem',
      text:
        refused.length === 1 ? `${first.name}: ${sentenceOf(first.problem)}` : `${refused.length} files were refused.`,
      details: [
        ...(refused.length === 1 ? [] : refused.map(({ name, problem }) => `${name}: ${sentenceOf(problem)}`)),
        kept,
      ],
    }
    return showNew(context, c, request, { problem: first.problem, flash })
  }

  router.get('/product/:name/draft', async (c) => {
    const { request, product } = await requireDraft(context, c)
    if (product.product.status !== 'registering') return c.redirect(productPath(product.product.internalName), 303)
    return showDraft(context, c, request, product)
  })

  router.post('/product/:name/draft', (c) => save(c))
  router.post('/product/:name/draft/roles', (c) => save(c))

  /** Keeps what was typed and chosen first; a draft that cannot be published yet has lost nothing. */
  async function save(c: PageContext) {
    const { request, product } = await requireDraft(context, c)
    await using body = await readBody(c.req.raw, { mostFields: MOST_FIELDS })
    const { id, internalName } = product.product
    const publish = textOf(body, 'intent') === 'publish'
    const columns = await productColumns(context.database.drizzle, id)
    const values = typedMetadata(body, metadataOf(product))
    const wishes = roleWishes(body, columns)
    try {
      await saveDraft(request, product, columns, values, wishes)
      if (publish) await publishDraft(context, request, id)
    } catch (error) {
      const current = await requireProduct(context, request, id)
      return showDraft(context, c, request, current, { problem: refusal(error), values, wishes })
    }
    leaveFlash(c, { kind: 'success', text: publish ? 'Published.' : 'The draft is saved.' })
    return c.redirect(productPath(internalName, publish ? '' : '/draft'), 303)
  }

  async function saveDraft(
    request: Request,
    product: ListedProduct,
    columns: readonly ColumnRow[],
    values: MetadataForm,
    wishes: readonly RoleWish[],
  ) {
    const input = productInput(values, metadataOf(product))
    await changeProduct(
      context,
      request,
      product.product.id,
      ...(Object.keys(input).length > 0 ? [await metadataEdit(context, request, input)] : []),
      ...(values.official === product.product.official
        ? []
        : [{ type: 'MarkOfficial', official: values.official } as const]),
      ...roleCommands(columns, wishes),
    )
  }

  router.post('/product/:name/draft/main-file', (c) =>
    addFiles(c, 1, async (request, product, body) => {
      const [file] = body.files
      if (file === undefined) throw new RequestError('bad_request', 'Choose a file first.')
      await attachFile(context, request, product.product.id, {
        file,
        role: 'main',
        replace: true,
        signal: c.req.raw.signal,
      })
    }),
  )

  router.post('/product/:name/draft/files', (c) =>
    addFiles(c, MOST_FILES, async (request, product, body) => {
      if (body.files.length === 0) throw new RequestError('bad_request', 'Choose a file first.')
      for (const file of body.files) {
        const role = roleOfExtra(file.name)
        await attachFile(context, request, product.product.id, { file, role, replace: true })
      }
    }),
  )

  async function addFiles(
    c: PageContext,
    most: number,
    attach: (request: Request, product: ListedProduct, body: Body) => Promise<void>,
  ) {
    const { request, product } = await requireDraft(context, c)
    let typed: Pick<Again, 'values' | 'wishes'> = {}
    try {
      await requireRoom(context, product.product.ownerId, announcedSize(c.req.raw))
      await using body = await readBody(c.req.raw, { ...files(most), mostFields: MOST_FIELDS })
      // The script sends what was typed and chosen beside the files along with them.
      const columns = await productColumns(context.database.drizzle, product.product.id)
      const values = typedMetadata(body, metadataOf(product))
      const wishes = roleWishes(body, columns)
      typed = { values, wishes }
      await saveDraft(request, product, columns, values, wishes)
      await attach(request, product, body)
    } catch (error) {
      const current = await requireProduct(context, request, product.product.id)
      return showDraft(context, c, request, current, { problem: refusal(error), ...typed })
    }
    return c.redirect(productPath(product.product.internalName, '/draft'), 303)
  }

  router.post('/product/:name/draft/files/:file{[0-9]{1,9}}/remove', async (c) => {
    const { request, product } = await requireDraft(context, c)
    const fileId = Number(c.req.param('file'))
    await changeProduct(context, request, product.product.id, { type: 'RemoveFile', fileId })
    return c.redirect(productPath(product.product.internalName, '/draft'), 303)
  })

  router.post('/product/:name/draft/discard', async (c) => {
    const { request, product } = await requireDraft(context, c)
    await changeProduct(context, request, product.product.id, { type: 'DeleteProduct' })
    leaveFlash(c, { kind: 'notice', text: `The draft “${product.product.displayName}” was discarded.` })
    return c.redirect('/product/new', 303)
  })
  return router
}

async function requireDraft(context: AppContext, c: PageContext) {
  const request = requestOf(c)
  const product = await requireProductNamed(context, request, c.req.param('name') ?? '')
  if (!canChange(request, product)) throw forbidden()
  return { request, product }
}

async function showNew(context: AppContext, c: PageContext, request: Request, again?: Again) {
  const { items } = await listProducts(
    context.database.drizzle,
    request.actor,
    { statuses: ['registering'], ownerIds: [request.actor.userId] },
    { by: 'updated_at', descending: true },
    { offset: 0, limit: 20 },
  )
  const page = await ProductNewPage({
    frame: frameOf(context, c, 'upload', { flashes: flashesOf(again) }),
    values: again?.values ?? { ...NO_METADATA, type: 'photoz_estimates' },
    rules: await metadataRules(context, request, null, null),
    errors: again ? errorsOf(again.problem) : {},
    draft: null,
    roles: ROLE_CHOICES,
    fileLimit: context.config.uploadLimit,
    otherDrafts: items.map(({ product }) => ({
      internalName: product.internalName,
      displayName: product.displayName,
      savedAt: product.updatedAt,
    })),
  })
  return c.html(page, again ? statusOf(again.problem) : 200)
}

/** Said on top what no field can say. */
function flashesOf(again: Again | undefined): Flash[] {
  if (again === undefined) return []
  if (again.flash) return [again.flash]
  return Object.keys(errorsOf(again.problem)).length > 0 ? [] : [{ kind: 'problem', text: sentenceOf(again.problem) }]
}

async function showDraft(context: AppContext, c: PageContext, request: Request, listed: ListedProduct, again?: Again) {
  const { product } = listed
  const [columns, files] = await Promise.all([
    productColumns(context.database.drizzle, product.id),
    currentFiles(context.database.drizzle, [product.id]),
  ])
  const main = files.find((file) => file.role === 'main')
  const values = again?.values ?? metadataOf(listed)
  const draft: Draft = {
    internalName: product.internalName,
    savedAt: product.updatedAt,
    inspection: main === undefined ? { state: 'none' } : await inspectionView(context, main, columns, values, again),
    files: files.filter((file) => file.role !== 'main').map(fileEntry),
    missing: whatIsMissing(productType(product.productType), {
      hasMainFile: main !== undefined,
      roles: columns.map((column) => column.alias),
    }),
  }
  const page = await ProductNewPage({
    frame: frameOf(context, c, 'upload', { flashes: flashesOf(again) }),
    values,
    rules: await metadataRules(context, request, null, listed),
    errors: again ? errorsOf(again.problem) : {},
    draft,
    roles: ROLE_CHOICES,
    fileLimit: context.config.uploadLimit,
    otherDrafts: [],
  })
  return c.html(page, again ? statusOf(again.problem) : 200)
}

async function inspectionView(
  context: AppContext,
  main: FileRow,
  columns: readonly ColumnRow[],
  values: MetadataForm,
  again: Again | undefined,
): Promise<InspectionView> {
  const inspection: Inspection | null = await readInspection(context, main)
  if (inspection === null) {
    const problem = main.inspectionError ?? 'It is not a table that we can read.'
    return { state: 'failed', fileName: main.name, problem, mayPublish: !isTabular(values.type) }
  }
  const problems = await checkValues(context, main, inspection, columns)
  return {
    state: 'done',
    fileName: main.name,
    format: formatInWords(inspection),
    size: main.size,
    rows: inspection.rows,
    notes: inspection.notes,
    problems: problems.map(({ serious, text, rows, count }) => ({
      serious,
      text,
      rows,
      ...(count === null ? {} : { count }),
    })),
    columns: roleRows(inspection, columns, again?.wishes, again && roleErrors(again.problem, columns)),
  }
}
