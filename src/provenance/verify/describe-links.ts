import type { CheckpointCheck } from './checkpoint-check.ts'
import { eventInWords, type Finding, type FindingKind } from './finding.ts'
import type { BrokenLink, Link } from './stream-links.ts'

/**
 * Says which event is to blame for a link that does not hold. What the comparison with the ledger has named already is not said
 * again; a signed checkpoint tells whether the earlier of two events is untouched; else the two are named together.
 */
export function describeBrokenLinks(
  links: readonly BrokenLink[],
  named: readonly Finding[],
  checkpoints: CheckpointCheck,
): Finding[] {
  const streams = new Map<string, Set<string | undefined>>()
  for (const { stream, revision, kind } of named) {
    if (stream === undefined || kind === 'ledger') continue
    const revisions = streams.get(stream) ?? new Set()
    streams.set(stream, revisions.add(revision))
  }
  const findings: Finding[] = []
  for (const link of links) {
    const { before, after } = link
    const known = streams.get(after.stream)
    const own = [before?.revision, after.revision, after.revision - 1n].map((revision) => revision?.toString())
    if (known !== undefined && own.some((revision) => revision !== undefined && known.has(revision))) continue
    findings.push(describe(link, checkpoints))
  }
  return findings
}

function describe({ before, after, what, confirmed }: BrokenLink, checkpoints: CheckpointCheck): Finding {
  if (what === 'revision') {
    const due = before === null ? 0n : before.revision + 1n
    if (after.revision > due) {
      const last = after.revision - 1n
      const gone = due === last ? `Revision ${due} is gone` : `Revisions ${due} to ${last} are gone`
      const message = `${gone} from ${after.stream}, before ${words(after)}`
      return { kind: 'deleted', stream: after.stream, revision: due.toString(), message }
    }
    return finding('inserted', after, `${words(after)} stands where revision ${due} of its stream is due`)
  }
  const isProven = before === null || before.index < checkpoints.provenSize
  if (isProven || confirmed === false) {
    const where = before === null ? 'is not the beginning of a stream' : 'does not continue the event before it'
    return finding(
      after.index < (checkpoints.brokenSize ?? 0) ? 'changed' : 'inserted',
      after,
      `${words(after)} ${where}`,
    )
  }
  if (before.index < (checkpoints.brokenSize ?? 0)) {
    return finding(
      'changed',
      before,
      `${words(before)} is not what it was when the next event of its stream was recorded`,
    )
  }
  const message = `${words(before)} was changed, or the event after it, ${words(after)}, was inserted or changed: they do not fit`
  return finding('broken_link', before, message)
}

const words = (link: Link): string => `${eventInWords(link)} at position ${link.position}`

const finding = (kind: FindingKind, link: Link, message: string): Finding => ({
  kind,
  position: link.position,
  stream: link.stream,
  revision: link.revision.toString(),
  eventType: link.type,
  message,
})
