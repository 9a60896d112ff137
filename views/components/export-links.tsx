import { hrefAt, type Place } from '../links.ts'

/** The same list as files, with the same filters. */
export const ExportLinks = ({ place, formats }: { place: Place; formats: readonly ('csv' | 'ndjson')[] }) => (
  <>
    As{' '}
    {formats.map((format, index) => (
      <>
        {index > 0 ? ' or ' : ''}
        <a href={hrefAt(place, { format, before: null, after: null })} download>
          {format.toUpperCase()}
        </a>
      </>
    ))}
  </>
)
