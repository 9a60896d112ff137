import { Panel } from '../../components/panel.tsx'
import { Empty, Loading } from '../../components/state.tsx'
import { count, counted } from '../../format.ts'
import { SkyField } from '../../plots/sky-field.tsx'
import { SkyMap } from '../../plots/sky-map.tsx'
import { ConePanel } from './cone.tsx'
import type { TabContent } from './model.ts'

/** Where on the sky the rows are, and which are around a position. */
export const SkyPanel = ({ content, path }: { content: TabContent & { tab: 'sky' }; path: string }) => (
  <div class="stack">
    <Maps content={content} />
    {content.cone ? <ConePanel cone={content.cone} path={path} /> : null}
  </div>
)

const Maps = ({ content }: { content: TabContent & { tab: 'sky' } }) =>
  content.sky === null ? (
    <Panel title="Sky">
      {content.again ? <Loading title="Counting the rows on the sky" href={content.again} /> : null}
      {content.again ? null : (
        <Empty title="No positions to show">
          {content.why ??
            'Say which columns are right ascension (RA) and declination (Dec), and the map will be drawn.'}
        </Empty>
      )}
    </Panel>
  ) : (
    <div class="stack">
      <Panel title="The whole sky">
        <SkyMap id="sky" cells={content.sky.cells} />
        {content.sky.without > 0 ? (
          <p class="muted">{counted(content.sky.without, 'row')} without a position that can be.</p>
        ) : null}
      </Panel>
      {content.sky.fields.length > 0 ? (
        <Panel title="Fields">
          <ul class="actions plain">
            {content.sky.fields.map((field) => (
              <li>
                <a class="btn" href={field.href} aria-current={field.chosen ? 'true' : undefined}>
                  {field.label}
                </a>
              </li>
            ))}
          </ul>
          {content.sky.fields.length < content.sky.fieldCount ? (
            <p class="muted">
              The {count(content.sky.fields.length)} fullest of {count(content.sky.fieldCount)} parts of the sky with
              rows.
            </p>
          ) : null}
          {content.sky.field ? (
            <SkyField id="sky-field" cells={content.sky.field.cells} title={`Density in ${content.sky.field.label}`} />
          ) : (
            <p class="muted">Choose a field to see it enlarged.</p>
          )}
        </Panel>
      ) : null}
    </div>
  )
