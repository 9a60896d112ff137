import type { Endpoint } from './endpoint.ts'
import { PRODUCT_FILTERS } from './product-query.ts'

const SEARCH = ['display_name', 'user__username', 'user__first_name', 'user__last_name']
const ORDERING = ['id', 'display_name', 'product_type', 'created_at']
const FILTERSETS: Readonly<Record<string, readonly string[]>> = {
  '/releases/': ['id', 'name'],
  '/product-types/': ['id', 'name'],
  '/pipelines/': ['id', 'name'],
  '/processes/': ['id', 'status', 'status__in', 'pipeline', 'pipeline__name', 'owned_by', 'user', 'upload'],
  '/product-contents/': ['id', 'product'],
  '/product-files/': ['id', 'product_id'],
}

/**
 * What a path can do, in the form of the reference server. The Python client asks this before it filters, and refuses on its
 * own every filter that is not named here.
 */
export function optionsOf(path: string, endpoints: readonly Endpoint[]) {
  const first = endpoints[0]
  const body = endpoints.find((endpoint) => endpoint.method === 'post')?.body
  const products = path === '/products/' || path === '/products-specz/'
  const filterset = FILTERSETS[path]
  return {
    name: first?.tag ?? path,
    description: first?.summary ?? '',
    renders: ['application/json'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ...(products
      ? {
          filter_classes: Object.keys(PRODUCT_FILTERS).map((name) => ({ name, type: 'text', choices: [] })),
          search: SEARCH,
          ordering: ORDERING,
        }
      : {}),
    ...(filterset === undefined ? {} : { filterset }),
    ...(body ? { actions: { POST: fieldsOf(body) } } : {}),
  }
}

function fieldsOf(body: NonNullable<Endpoint['body']>) {
  return Object.fromEntries(
    Object.entries(body.properties).map(([name, property]) => [
      name,
      {
        type: property.type ?? 'field',
        required: body.required?.includes(name) ?? false,
        read_only: false,
        label: name.replaceAll('_', ' '),
      },
    ]),
  )
}
