import { Document, visit } from 'yaml'

/** What is an operator of YAML 1.1 as a whole, and lines with tabs, which PyYAML refuses. */
const NOT_PLAIN = /^(?:=|<<|[^\n]*\t[^\n]*)$/
/** Line ends of YAML 1.1 that are none in 1.2, and what it does not take as it is. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** A value as YAML that means the same in version 1.1, which PyYAML reads, and in 1.2: `5_2024` is a text in both. */
export function yamlText(value: object): string {
  const document = new Document(value, {
    version: '1.1',
    // A text `<<` is no merge.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:merge'),
  })
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return
      if (NOT_PLAIN.test(node.value) || node.value.search(ESCAPED) >= 0) node.type = 'QUOTE_DOUBLE'
    },
  })
  return document
    .toString({ lineWidth: 0 })
    .replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
