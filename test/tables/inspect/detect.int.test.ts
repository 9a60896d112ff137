import { describe, expect, test } from 'vitest'
import { detectFormat } from '../../../src/tables/detect.ts'
import { tableFiles } from '../table-files.ts'

const files = tableFiles()
const PARQUET = 'PAR1....PAR1'
const VOTABLE = '<?xml version="1.0"?>\n<v:VOTABLE xmlns:v="x">'

test.each([
  ['t.csv', 'a,b\n1,2\n', 'csv'],
  ['t.dat', '1 2\n', 'csv'],
  ['t', 'a,b\n1,2\n', 'csv'],
  ['t.csv', 'a\n1\n\x1a', 'csv'],
  ['t.csv', 'a,b\nx\x0by,2\n', 'csv'],
  ['t.pq', PARQUET, 'parquet'],
  ['t.csv', 'a\tb\n--\t--\n-\t---\n', 'csv'],
  ['t.csv', '|a|b|\n|1|2|\n', 'csv'],
  ['t.csv', '| a | b\n 1 | 2\n', 'csv'],
  ['t.csv', 'a,b\n"\\begin{x}",2\n', 'csv'],
  ['t.unknown', PARQUET, 'parquet'],
  ['t.fits', 'SIMPLE  =                    T', 'fits'],
  ['t.h5', '\x89HDF\r\n\x1a\n', 'hdf5'],
  ['t.xml', VOTABLE, 'votable'],
  ['t.vot', '<VOTABLE version="1.1">', 'votable'],
])('%s holding %j is %s', async (name, content, format) => {
  expect(await detectFormat(await files.write(name, Buffer.from(content, 'latin1')))).toBe(format)
})

test('HDF5 behind a block of the user', async () => {
  const bytes = Buffer.concat([Buffer.alloc(512, 0x20), Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')])
  expect(await detectFormat(await files.write('t.hdf5', bytes))).toBe('hdf5')
})

test('an archive that is refused has the name that its person gave it', async () => {
  // A zip with one member, "../../a.csv".
  const zip =
    '504b0304140000000000380f775d7b07970a08000000080000000b0000002e2e2f2e2e2f612e637376612c620a312c320a504b01021403140000000000' +
    '380f775d7b07970a08000000080000000b00000000000000000000008001000000002e2e2f2e2e2f612e637376504b0506000000000100010039000000310000000000'
  const source = await files.write('mine.zip', Buffer.from(zip, 'hex'))
  await expect(detectFormat(source)).rejects.toMatchObject({ code: 'unsafe_archive', message: /^mine\.zip: .*"\.\."/ })
})

describe('refusals name what the file is', () => {
  test.each([
    ['t.csv', PARQUET, 'extension_lies', /csv.*Parquet/],
    ['t.parquet', '<!DOCTYPE html><html>', 'extension_lies', /parquet.*HTML/],
    ['t.fits', 'a,b\n1,2\n', 'extension_lies', /fits.*delimited text/],
    ['t.csv', '\x1f\x8b\x08', 'extension_lies', /csv.*gzip/],
    ['t.csv', '\x80\x04\x95', 'extension_lies', /csv.*pickle/],
    ['t.zip', 'a,b\n1,2\n', 'extension_lies', /zip.*delimited text/],
    ['t.gz', '\x1f\x8b\x08', 'unsupported', /gzip/],
    ['t.pkl', '\x80\x04\x95', 'not_a_table', /pickle/],
    ['t.ipynb', '{\n "cells": []}', 'not_a_table', /notebook/],
    ['t.json', '{"a": 1}', 'not_a_table', /JSON/],
    ['t.html', '<html>', 'not_a_table', /HTML/],
    ['t.png', '\x89PNG\r\n\x1a\n', 'not_a_table', /PNG/],
    ['t.pdf', '%PDF-1.7', 'not_a_table', /PDF/],
    ['t.xml', '<?xml version="1.0"?><rss/>', 'not_a_table', /VOTABLE/],
    ['t.bin', '\x00\x01\x02\x03', 'not_a_table', /binary/],
    ['t.bin', '\x01\x02\x03', 'not_a_table', /binary/],
    ['t.bin', 'a,b\n1,2\n'.repeat(9) + '\x01'.repeat(4), 'not_a_table', /binary/],
    ['t.vot', Buffer.from(`\ufeff${VOTABLE}`, 'utf16le').toString('latin1'), 'unsupported', /UTF-16/],
    ['t.pq', 'PAR1....xxxx', 'malformed', /Parquet/],
    ['t.csv', '', 'empty', /empty/],
    [
      't.txt',
      'Title: A\nAuthors: B\n=====\nByte-by-byte Description of file: t.dat\n---\n',
      'unsupported',
      /AAS or CDS/,
    ],
    ['t.tex', '% by hand\n\\documentclass{article}\n', 'unsupported', /LaTeX.*save it as CSV or FITS/],
    ['t.txt', '\\begin{table}\n\\begin{tabular}{cc}\na & b \\\\\n', 'unsupported', /LaTeX/],
    ['t.csv', '\\begin{deluxetable*}{cccc}\n', 'unsupported', /LaTeX/],
    ['t.tbl', '\\fixlen = T\n| id | ra   |\n| int|double|\n   1   2.5  \n', 'unsupported', /IPAC/],
    ['t.txt', '| id | ra |\n  1   2.5\n', 'unsupported', /IPAC/],
    ['t.tab', 'a title\n\nid\tra\n--\t--\n1\t2\n[EOD]\n', 'unsupported', /TST/],
    ['t.txt', '+---+----+\n| a | b  |\n+---+----+\n| 1 | 2  |\n', 'unsupported', /drawn/],
    ['t.txt', '== ==== =\nid ra  m\n== ==== =\n 1 2.5 1\n', 'unsupported', /reStructuredText/],
  ])('%s: %j', async (name, content, code, message) => {
    const source = await files.write(name, Buffer.from(content, 'latin1'))
    await expect(detectFormat(source)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
