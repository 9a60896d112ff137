import { Hono } from 'hono'
import type { Flash } from '../../../views/frame.ts'
import { ProductEditPage } from '../../../views/pages/product/edit.tsx'
import type { Request } from '../../application/command.ts'
import { roleCommands } from '../../application/drafts.ts'
import { attachFile } from '../../application/files.ts'
import { readInspection } from '../../application/inspection.ts'
import {
  canChange,
  changeProduct,
  metadataEdit,
  requireProduct,
  requireProductNamed,
} from '../../application/products.ts'
import { requireRoom } from '../../application/quota.ts'
import { undoEvent } from '../../application/undo.ts'
import type { AppContext } from '../../context.ts'
import { DomainError, forbidden, invalidField } from '../../domain/error.ts'
import { FILE_ROLES } from '../../domain/product/file-role.ts'
import { productType } from '../../domain/product/product-type.ts'
import { productColumns } from '../../projections/columns/queries.ts'
import { currentFiles } from '../../projections/files/queries.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { readBody } from '../body.ts'
import { announcedSize } from '../body-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { type Problem, RequestError } from '../problem.ts'
import {
  type Again,
  errorsOf,
  fileEntry,
  MOST_FIELDS,
  MOST_FILES,
  metadataOf,
  metadataRules,
  productInput,
  productPath,
  ROLE_CHOICES,
  refusal,
  roleErrors,
  roleRows,
  roleWishes,
  sentenceOf,
  statusOf,
  textOf,
  typedMetadata,
} from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** `/product/<…>/edit` with its forms, `/undo`, `/delete` and `/restore`. */
export function editProductPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/product/:name/edit', async (c) => {
    const { request, product } = await requireChangeable(c)
    const { status, internalName } = product.product
    if (status === 'registering') return c.redirect(productPath(internalName, '/draft'), 303)
    return showEdit(c, request, product)
  })

  router.post('/product/:name/edit', async (c) => {
    const { request, product } = await requireChangeable(c)
    await using body = await readBody(c.req.raw)
    const before = metadataOf(product)
    const values = typedMetadata(body, before)
    return change(c, request, product, { values }, async () => {
      const input = productInput(values, before)
      const commands = [
        ...(Object.keys(input).length > 0 ? [await metadataEdit(context, request, input)] : []),
        ...(values.official === before.official ? [] : [{ type: 'MarkOfficial', official: values.official } as const]),
      ]
      await changeProduct(context, expecting(request, textOf(body, 'revision')), product.product.id, ...commands)
      return commands.length > 0 ? 'Saved.' : 'Nothing was changed.'
    })
  })

  router.post('/product/:name/edit/roles', async (c) => {
    const { request, product } = await requireChangeable(c)
    await using body = await readBody(c.req.raw, { mostFields: MOST_FIELDS })
    const columns = await productColumns(context.database.drizzle, product.product.id)
    const wishes = roleWishes(body, columns)
    return change(c, request, product, { wishes }, async () => {
      const commands = roleCommands(columns, wishes)
      await changeProduct(context, expecting(request, textOf(body, 'revision')), product.product.id, ...commands)
      return commands.length > 0 ? 'The roles are saved.' : 'Nothing was changed.'
    })
  })

  router.post('/product/:name/edit/files', async (c) => {
    const { request, product } = await requireChangeable(c)
    return change(c, request, product, {}, async () => {
      await requireRoom(context, product.product.ownerId, announcedSize(c.req.raw))
      const files = { store: context.blobs, limit: context.config.uploadLimit, most: MOST_FILES }
      await using body = await readBody(c.req.raw, { files })
      const role = FILE_ROLES.find((each) => each.role === textOf(body, 'fileRole'))?.role
      if (role === undefined)
        throw new RequestError('bad_request', 'Say what the files are: main, description or auxiliary.')
      const [first, second] = body.files
      if (first === undefined) throw new RequestError('bad_request', 'Choose a file first.')
      if (role === 'main' && second !== undefined) {
        throw new RequestError('bad_request', 'A product has one main file. Choose one.')
      }
      for (const file of body.files) {
        await attachFile(context, request, product.product.id, { file, role, replace: true, signal: c.req.raw.signal })
      }
      if (role === 'main') return 'The main file is a new version now; the old one stays reachable in the history.'
      return body.files.length === 1 ? `${first.name} was added.` : `${body.files.length} files were added.`
    })
  })

  router.post('/product/:name/edit/files/:file{[0-9]{1,9}}/remove', async (c) => {
    const { request, product } = await requireChangeable(c)
    return change(c, request, product, {}, async () => {
      const fileId = Number(c.req.param('file'))
      await changeProduct(context, request, product.product.id, { type: 'RemoveFile', fileId })
      return 'The file was removed.'
    })
  })

  router.post('/product/:name/delete', async (c) => {
    const { request, product } = await requireChangeable(c)
    await changeProduct(context, request, product.product.id, { type: 'DeleteProduct' })
    leaveFlash(c, { kind: 'success', text: `“${product.product.displayName}” was deleted. It can be restored.` })
    return c.redirect(productPath(product.product.internalName), 303)
  })

  router.post('/product/:name/undo', async (c) => {
    const { request, product } = await requireChangeable(c)
    await using body = await readBody(c.req.raw)
    const { position } = body.fields
    if (typeof position !== 'string' || !/^\d{1,20}$/.test(position)) throw invalidField('position', 'Choose an event.')
    try {
      await undoEvent(context, request, product.product.id, position)
      leaveFlash(c, { kind: 'success', text: 'The change was taken back. The history keeps both.' })
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'not_found') throw error
      leaveFlash(c, { kind: 'problem', text: error.message })
    }
    return c.redirect(`${productPath(product.product.internalName)}?tab=history`, 303)
  })

  router.post('/product/:name/restore', async (c) => {
    const { request, product } = await requireChangeable(c)
    await changeProduct(context, request, product.product.id, { type: 'RestoreProduct' })
    leaveFlash(c, { kind: 'success', text: 'Restored.' })
    return c.redirect(productPath(product.product.internalName), 303)
  })

  async function requireChangeable(c: PageContext) {
    const request = requestOf(c)
    const product = await requireProductNamed(context, request, c.req.param('name') ?? '')
    if (!canChange(request, product)) throw forbidden()
    return { request, product }
  }

  /** Does something and leads back to the form; a refusal shows the form again, with what the person typed. */
  async function change(
    c: PageContext,
    request: Request,
    product: ListedProduct,
    typed: Omit<Again, 'problem'>,
    act: () => Promise<string>,
  ) {
    try {
      leaveFlash(c, { kind: 'success', text: await act() })
    } catch (error) {
      const current = await requireProduct(context, request, product.product.id)
      return showEdit(c, request, current, { problem: refusal(error), ...typed })
    }
    return c.redirect(productPath(product.product.internalName, '/edit'), 303)
  }

  async function showEdit(c: PageContext, request: Request, listed: ListedProduct, again?: Again) {
    const { product } = listed
    if (product.status === 'deleted') throw new DomainError('conflict', 'This product was deleted. Restore it first.')
    const [columns, files] = await Promise.all([
      productColumns(context.database.drizzle, product.id),
      currentFiles(context.database.drizzle, [product.id]),
    ])
    const main = files.find((file) => file.role === 'main')
    const inspection = main === undefined ? null : await readInspection(context, main)
    const page = await ProductEditPage({
      frame: frameOf(context, c, 'products', { flashes: again ? flashesOf(again.problem) : [] }),
      internalName: product.internalName,
      displayName: product.displayName,
      typeName: productType(product.productType).displayName,
      values: again?.values ?? metadataOf(listed),
      rules: await metadataRules(context, request, product.productType, listed),
      errors: again ? errorsOf(again.problem) : {},
      files: files.map(fileEntry),
      columns: roleRows(inspection, columns, again?.wishes, again && roleErrors(again.problem, columns)),
      roles: ROLE_CHOICES,
      fileLimit: context.config.uploadLimit,
      revision: String(product.revision),
    })
    return c.html(page, again ? statusOf(again.problem) : 200)
  }
  return router
}

/** The edit is refused when the product is not at the revision that the form was filled from. */
function expecting(request: Request, revision: string): Request {
  if (revision === '') return request
  if (!/^\d{1,18}$/.test(revision)) throw new RequestError('bad_request', 'The form names no revision of the product.')
  return { ...request, expectedRevision: BigInt(revision) }
}

function flashesOf(problem: Problem): Flash[] {
  if (problem.status === 412) {
    return [
      {
        kind: 'problem',
        text: 'Somebody else changed this product after you opened the form, so nothing was saved yet.',
        details: ['What you typed is below. Look at the history to see the change; saving again puts yours on top.'],
      },
    ]
  }
  return Object.keys(errorsOf(problem)).length > 0 ? [] : [{ kind: 'problem', text: sentenceOf(problem) }]
}
