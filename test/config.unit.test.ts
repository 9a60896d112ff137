import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { InvalidConfiguration, parseSize, readConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs nothing', () => {
    const { config, secrets } = readConfig({})
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, uploadLimit: 200_000_000, logLevel: 'info' })
    expect(config).toMatchObject({ database: 'pglite', eventStore: 'postgres', publicUrl: null, trustedProxies: 0 })
    expect(config.dataDir).toMatch(/^\/.*\/data$/)
    expect(secrets).toEqual({ databaseUrl: null, eventStoreUrl: null, bucket: null, adminPassword: null })
  })

  it('takes every variable', () => {
    const { config, secrets } = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      DATA_DIR: '/srv/photoz',
      DATABASE_URL: 'postgres://pz:hunter2@db/pz',
      EVENTSTORE_URL: 'esdb://admin:changeit@a:2113,b:2113,c:2113?tls=true',
      BLOBS_URL: 's3+http://key:a%2Fsecret@minio:9000/photoz/files?region=eu-west-1',
      BLOB_CACHE: '20GB',
      ADMIN_PASSWORD: 'correct horse',
      UPLOAD_LIMIT: '1.5 GB',
      CACHE_LIMIT: '64MiB',
      LOG_LEVEL: 'DEBUG',
      PUBLIC_URL: 'https://pz.example.org/',
      RAW_ORIGIN: 'https://raw.example.org',
      INSPECT_MEMORY: '2GB',
      INSPECT_SECONDS: '60',
      RUN_WORKERS: '3',
      RUN_MEMORY: '8GB',
      RUN_SECONDS: '3600',
      TRUST_PROXY: '1',
      ENVIRONMENT_NAME: 'production',
      OBJECT_CATALOGS: '/catalogs',
      PERSON_QUOTA: '50GB',
      DOWNLOAD_AUDIT: 'counted',
      RATE_LIMITS: '2.5',
    })
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 0,
      dataDir: '/srv/photoz',
      database: 'postgres',
      eventStore: 'eventstoredb',
      blobs: 's3',
      blobCacheLimit: 20_000_000_000,
      uploadLimit: 1_500_000_000,
      cacheLimit: 67_108_864,
      logLevel: 'debug',
      publicUrl: 'https://pz.example.org',
      rawOrigin: 'https://raw.example.org',
      inspection: { memory: 2_000_000_000, seconds: 60 },
      runs: { workers: 3, memory: 8_000_000_000, seconds: 3600 },
      trustedProxies: 1,
      environmentName: 'production',
      objectCatalogs: '/catalogs',
      personQuota: 50_000_000_000,
      downloadAudit: 'counted',
      rateLimits: 2.5,
    })
    expect(secrets.adminPassword).toBe('correct horse')
    expect(secrets.bucket).toEqual({
      ...{ protocol: 'http:', host: 'minio', port: 9000, bucket: 'photoz', prefix: 'files/', region: 'eu-west-1' },
      ...{ accessKeyId: 'key', secretAccessKey: 'a/secret' },
    })
    expect(JSON.stringify(config)).not.toMatch(/hunter2|changeit|correct horse|secret/)
  })

  it('names all problems at once, and never a value', () => {
    const wrong = {
      PORT: 'eighty',
      UPLOAD_LIMIT: 'lots',
      LOG_LEVEL: 'chatty',
      DATABASE_URL: 'mysql://root:hunter2@db',
      PUBLIC_URL: 'https://user:hunter3@pz.example.org',
      ADMIN_PASSWORD: 'hunter4',
      INSPECT_SECONDS: '0',
      DOWNLOAD_AUDIT: 'everything',
      RATE_LIMITS: 'none',
      PERSON_QUOTA: '-1',
      BLOBS_URL: 's3://key:hunter5@s3.example.org',
      BLOB_CACHE: 'much',
    }
    const problems = problemsOf(wrong)
    expect(problems).toHaveLength(Object.keys(wrong).length)
    for (const [name, value] of Object.entries(wrong)) {
      expect(problems.filter((problem) => problem.startsWith(`${name} must `))).toHaveLength(1)
      if (value.length > 1) expect(problems.join('\n')).not.toContain(value)
    }
  })

  it.each(['postgres://pz:hunter2@db:port/pz', 'postgres://pz:100%@db/pz', 'postgres://pz:hun/ter@db/pz'])(
    'refuses the URL %s, which no client can read',
    (url) => {
      expect(problemsOf({ DATABASE_URL: url })).toHaveLength(1)
    },
  )

  it.each([
    'postgres://pz:a%2Fb@db:5432/pz',
    'postgres://pz:a,b@one,two:5433/pz?sslmode=require',
    'postgres://[::1]/pz',
  ])('takes the URL %s', (url) => {
    expect(readConfig({ DATABASE_URL: url }).secrets.databaseUrl).toBe(url)
  })

  it('treats an empty variable as not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ' }).config).toMatchObject({ port: 3000, database: 'pglite' })
  })

  it('refuses a raw origin that is our own', () => {
    const origin = 'https://pz.example.org'
    expect(problemsOf({ PUBLIC_URL: origin, RAW_ORIGIN: origin })[0]).toMatch(/^RAW_ORIGIN/)
  })

  it.each([
    ['200MB', 200_000_000],
    ['200 mb', 200_000_000],
    ['1KiB', 1024],
    ['1048576', 1_048_576],
    ['0.5kB', 500],
    ['0', null],
    ['-1', null],
    ['1e9', null],
    ['MB', null],
    ['9999999999TB', null],
  ])('reads the size %s as %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })
})

describe('the log', () => {
  it('writes a line of JSON and hides secrets', () => {
    const lines: string[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const log = createLog('info', sink)
    log.info(
      { password: 's1', req: { headers: { authorization: 'Token s2', cookie: 's3' } }, secrets: { databaseUrl: 's4' } },
      'hello',
    )
    log.debug('not shown')
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/s[1-4]/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'hello', password: '[redacted]' })
  })
})
