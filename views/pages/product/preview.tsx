import type { Cell } from '../../../src/tables/inspection.ts'
import { Role } from '../../components/badge.tsx'
import { Scroll } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { cell, count, counted, DASH, excerpt, share } from '../../format.ts'
import { RedshiftHistogram } from '../../plots/redshift-histogram.tsx'
import { SkyMap } from '../../plots/sky-map.tsx'
import { FrequencySparkline, HistogramSparkline } from '../../plots/sparkline.tsx'
import type { PreviewView, ProductColumn, TabContent } from './model.ts'

/** The first rows, with a distribution in every header; below, where on the sky and in redshift the rows are. */
export const PreviewPanel = ({ content, path }: { content: TabContent & { tab: 'preview' }; path: string }) => (
  <>
    {content.preview ? (
      <PreviewTable preview={content.preview} />
    ) : (
      <Panel title="Preview">
        <Empty title="There is no table to show">{content.why ?? 'The main file is not a table.'}</Empty>
      </Panel>
    )}
    {content.sky || content.redshift ? (
      <div class="two">
        {content.sky ? (
          <Panel title="Sky" aside={<a href={`${path}?tab=sky`}>Larger</a>}>
            <SkyMap id="preview-sky" cells={content.sky} />
          </Panel>
        ) : null}
        {content.redshift ? (
          <Panel title="Redshift" aside={<a href={`${path}?tab=redshift`}>Larger</a>}>
            <RedshiftHistogram id="preview-redshift" {...content.redshift} />
          </Panel>
        ) : null}
      </div>
    ) : null}
  </>
)

/** A table of data as it is in the file. */
export const PreviewTable = ({ preview }: { preview: PreviewView }) => {
  const last = preview.firstRow + preview.rows.length - 1
  return (
    <section class="panel" aria-label="Preview">
      {preview.notes.length > 0 ? (
        <div class="pad">
          <Notice>
            {preview.notes.map((note) => (
              <p>{note}</p>
            ))}
          </Notice>
        </div>
      ) : null}
      <Scroll label="Rows of the table">
        <table class="data preview">
          <caption id="preview-title" tabindex={-1}>
            {caption(preview, last)}
          </caption>
          <thead>
            <tr>
              {preview.columns.map((column) => (
                <ColumnHeader column={column} totalRows={preview.totalRows} />
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row) => (
              <tr>
                {preview.columns.map((column, index) => (
                  <Value column={column} value={row[index] ?? null} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {preview.rows.length === 0 ? <Empty title="The table has no rows">Its columns are above.</Empty> : null}
      <div class="pager">
        <span>{preview.rows.length === 0 ? 'No rows' : `Rows ${count(preview.firstRow)}–${count(last)}`}</span>
        <span>
          {preview.allColumnsHref ? (
            <a id="preview-all" href={preview.allColumnsHref} hx-boost="true">
              All columns
            </a>
          ) : null}
          {preview.coneHref ? <a href={preview.coneHref}>Cone search</a> : null}
          {preview.previousHref ? (
            <a id="preview-previous" href={preview.previousHref} rel="prev" hx-boost="true">
              Previous
            </a>
          ) : null}
          {preview.nextHref ? (
            <a id="preview-next" href={preview.nextHref} rel="next" hx-boost="true">
              Next
            </a>
          ) : null}
        </span>
      </div>
    </section>
  )
}

function caption(preview: PreviewView, last: number): string {
  const rows =
    preview.firstRow === 1
      ? `First ${counted(preview.rows.length, 'row')} of ${count(preview.totalRows)}`
      : `Rows ${count(preview.firstRow)} to ${count(last)} of ${count(preview.totalRows)}`
  return preview.columns.length < preview.totalColumns
    ? `${rows}; ${count(preview.columns.length)} of ${count(preview.totalColumns)} columns, those with a role first`
    : `${rows}; ${counted(preview.totalColumns, 'column')}`
}

const ColumnHeader = ({ column, totalRows }: { column: ProductColumn; totalRows: number }) => (
  <th scope="col" class={isNumeric(column) ? 'n' : undefined} title={column.description ?? undefined}>
    <span class="column-name" title={column.name}>
      {column.name}
    </span>
    {column.role ? <Role name={column.role} /> : null}
    <span class="column-type">
      {column.type}
      {column.unit ? ` · ${column.unit}` : ''}
      {column.nulls > 0 && totalRows > 0 ? ` · ${share(column.nulls / totalRows)} empty` : ''}
    </span>
    <Spread column={column} totalRows={totalRows} />
  </th>
)

/** The distribution, or what else can be said of the values. */
const Spread = ({ column, totalRows }: { column: ProductColumn; totalRows: number }) => {
  if (totalRows > 0 && column.nulls === totalRows) return <span class="column-note">empty</span>
  if (column.distinctIsExact && column.distinct === totalRows && totalRows > 1 && column.role === 'ID')
    return <span class="column-note">all distinct</span>
  if (column.frequent && column.frequent.length === 1)
    return <span class="column-note">always {excerpt(cell(column.frequent[0]?.value), 14)}</span>
  if (column.frequent && column.frequent.length > 0)
    return <FrequencySparkline column={column.name} frequent={column.frequent} />
  if (column.histogram) return <HistogramSparkline column={column.name} histogram={column.histogram} />
  return (
    <span class="column-note">
      {column.distinct === null ? DASH : `${column.distinctIsExact ? '' : 'about '}${count(column.distinct)} different`}
    </span>
  )
}

const MOST = 60

const Value = ({ column, value }: { column: ProductColumn; value: Cell }) => {
  const numeric = isNumeric(column)
  if (value === null) {
    return (
      <td class={numeric ? 'n null' : 'null'}>
        <span aria-hidden="true">{DASH}</span>
        <span class="aloud">no value</span>
      </td>
    )
  }
  const text = cell(value)
  const identifier = column.role === 'ID' || (numeric && typeof value === 'string')
  return (
    <td
      class={
        [numeric ? 'n' : '', identifier ? 'mono' : '', text.length > MOST ? 'long' : ''].filter(Boolean).join(' ') ||
        undefined
      }
      title={text.length > MOST ? excerpt(text, 1000) : undefined}
    >
      {text.length > MOST ? excerpt(text, 200) : text}
    </td>
  )
}

/** Columns whose cells stand right-aligned. */
export const isNumeric = (column: { readonly type: string }): boolean => /^(u?int|float)/.test(column.type)
