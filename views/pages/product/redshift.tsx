import { DataTable } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty, Loading } from '../../components/state.tsx'
import { count, share } from '../../format.ts'
import { Density } from '../../plots/density.tsx'
import { RedshiftHistogram } from '../../plots/redshift-histogram.tsx'
import type { TabContent } from './model.ts'

/** How the redshifts are spread, alone and against magnitude, and what their flags say. */
export const RedshiftPanel = ({ content }: { content: TabContent & { tab: 'redshift' } }) => {
  const { redshift } = content
  if (redshift === null) {
    return (
      <Panel title="Redshift">
        {content.again ? (
          <Loading title="Counting the redshifts" href={content.again} />
        ) : (
          <Empty title="No redshifts to show">
            {content.why ?? 'Say which column is the redshift (z), and its distribution will be drawn.'}
          </Empty>
        )}
      </Panel>
    )
  }
  const flagged = redshift.flags?.values.reduce((sum, flag) => sum + flag.count, 0) ?? 0
  return (
    <div class="stack">
      <Panel
        title={
          <>
            n(<i>z</i>)
          </>
        }
      >
        <RedshiftHistogram
          id="redshift"
          column={redshift.column}
          histogram={redshift.histogram}
          {...(redshift.secure ? { subset: redshift.secure } : {})}
        />
      </Panel>
      {redshift.against.map((one, index) => (
        <Panel title={one.title}>
          <Density id={`density-${index}`} title={one.title} grid={one.grid} />
        </Panel>
      ))}
      {redshift.flags ? (
        <Panel title="Quality flags" flush>
          <DataTable
            caption={
              <>
                Rows per value of <code>{redshift.flags.column}</code>
              </>
            }
            rows={redshift.flags.values}
            columns={[
              { header: 'Flag', rowHeader: true, mono: true, cell: (flag) => flag.value },
              { header: 'Rows', numeric: true, cell: (flag) => count(flag.count) },
              { header: 'Share', numeric: true, cell: (flag) => share(flag.count / (flagged || 1)) },
            ]}
          />
        </Panel>
      ) : null}
    </div>
  )
}
