import type { Feed } from './feed.ts'

/** The feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). */
export const jsonFeed = ({ title, subtitle, home, self, entries }: Feed): string =>
  `${JSON.stringify(
    {
      version: 'https://jsonfeed.org/version/1.1',
      title,
      description: subtitle,
      home_page_url: home,
      feed_url: self,
      language: 'en',
      items: entries.map(({ id, title: entryTitle, author, at, url, text }) => ({
        id,
        url,
        title: entryTitle,
        content_text: text,
        date_published: at,
        date_modified: at,
        authors: [{ name: author }],
      })),
    },
    null,
    2,
  )}\n`
