"""Writes binary tables with astropy, h5py, pandas, PyTables and pyarrow, and what these say is in them (expected.json).

Values: integers and decimals as text, floats by repr, nulls as null, arrays nested. Usage: binary-files.py <directory>
"""
import datetime as dt
import decimal
import json
import sys
import warnings
from pathlib import Path

import astropy.units as u
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import tables
from astropy.io import fits
from astropy.table import MaskedColumn, Table

warnings.simplefilter('ignore')
out = Path(sys.argv[1])
expected = {}
N = 7
rng = np.random.default_rng(20)
ID = np.arange(N) + 2305843019946942123


def cell(v, nested=False):
    if v is None or v is np.ma.masked:
        return None
    if isinstance(v, np.ma.MaskedArray):
        return [cell(x, True) for x in v]
    if isinstance(v, (bool, np.bool_)):
        return bool(v)
    if isinstance(v, (int, np.integer)):
        return str(int(v))
    if isinstance(v, (complex, np.complexfloating)):
        return [cell(v.real, True), cell(v.imag, True)]
    if isinstance(v, (float, np.floating)):
        if np.isnan(v):
            return None
        # Array cells show single precision by its shortest decimal.
        return str(v) if nested and isinstance(v, np.float32) else repr(float(v))
    if isinstance(v, bytes):
        return v.decode('utf-8', 'replace').rstrip('\0')
    if isinstance(v, np.ndarray):
        return [cell(x, True) for x in v]
    if isinstance(v, (list, tuple)):
        return [cell(x, True) for x in v]
    if isinstance(v, dict):
        return {k: cell(x, True) for k, x in v.items()}
    if isinstance(v, dt.datetime):
        # milliseconds since 1970, rounded down
        return str((v.replace(tzinfo=dt.timezone.utc) - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(milliseconds=1))
    if isinstance(v, dt.date):
        return str((v - dt.date(1970, 1, 1)).days * 86_400_000)
    if isinstance(v, decimal.Decimal):
        return repr(float(v))
    return str(v).rstrip()


def expect(name, format, columns, units=None, descriptions=None, ucds=None):
    expected[name] = {
        'format': format,
        'columns': {k: [cell(x) for x in v] for k, v in columns.items()},
        'units': units or {},
        'descriptions': descriptions or {},
        'ucds': ucds or {},
    }


# ---- FITS: every kind of column
strings = np.array(['a', 'bb', 'ccc', '', 'São', 'x y', '  lead'])
data = {
    'L': rng.integers(0, 2, N).astype(bool),
    'B': rng.integers(0, 256, N).astype('u1'),
    'I': rng.integers(-2**15, 2**15, N).astype('i2'), 'UI': rng.integers(0, 2**16, N).astype('u2'),
    'J': rng.integers(-2**31, 2**31, N).astype('i4'), 'UJ': rng.integers(0, 2**32, N).astype('u4'),
    'K': ID, 'UK': np.array([0, 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1, 2**53 + 1], dtype='u8'),
    'E': rng.normal(size=N).astype('f4'), 'D': np.where(np.arange(N) == 2, np.nan, rng.normal(size=N)),
    'C': (rng.normal(size=N) + 1j * rng.normal(size=N)).astype('c8'), 'M': rng.normal(size=N) + 1j,
    'V': rng.normal(size=(N, 3)).astype('f4'), 'VK': rng.integers(-2**62, 2**62, (N, 2)), 'VUI': rng.integers(0, 2**16, (N, 2)).astype('u2'),
    'DIM': rng.normal(size=(N, 2, 3)), 'VL': rng.integers(0, 2, (N, 3)).astype(bool),
}
t = Table(data)
t['J'].unit, t['D'].unit = u.mJy, u.deg
t['S'] = np.char.encode(strings, 'utf-8')
t['VS'] = np.array([[b'a', b'bb']] * N)
t.write(out / 'kinds.fits', overwrite=True)
expect('kinds.fits', 'fits', {**data, 'S': [s for s in strings], 'VS': [['a', 'bb']] * N}, units={'J': 'mJy', 'D': 'deg'})

scaled = np.arange(N, dtype='i2')
vla = [np.arange(i, dtype='f4') / 3 for i in range(N)]
ints = [np.arange(i, dtype='i8') + 2**60 for i in range(N)]
columns = fits.ColDefs([
    fits.Column('scaled', 'I', array=scaled, unit='mag'),
    fits.Column('masked', 'J', array=np.array([1, -99, 3, 4, -99, 6, 7], dtype='i4'), null=-99),
    fits.Column('bits', '11X', array=rng.integers(0, 2, (N, 11)).astype(bool)),
    fits.Column('bit', 'X', array=np.array([[1], [0], [1], [1], [0], [0], [1]], dtype=bool)),
    fits.Column('p', 'PE()', array=np.array(vla, dtype=object)),
    fits.Column('q', 'QK()', array=np.array(ints, dtype=object)),
    fits.Column('text', 'PA()', array=np.array(['a' * i for i in range(N)], dtype=object)),
    fits.Column('dims', '12I', dim='(2,3,2)', array=np.arange(12 * N, dtype='i2').reshape(N, 2, 3, 2)),
    fits.Column('strs', '6A', dim='(3,2)', array=np.array([['abc', 'de']] * N)),
])
hdu = fits.BinTableHDU.from_columns(columns, name='PHOT')
hdu.header['TSCAL9'], hdu.header['TZERO9'] = 1.0, 0.0  # renamed to column 1 in the bytes, past astropy
hdu.header['TUCD1'] = 'phot.mag'
hdu.header['TCOMM1'] = 'A long description ' * 8
fits.HDUList([fits.PrimaryHDU(np.zeros((3, 3))), hdu, fits.BinTableHDU.from_columns([fits.Column('x', 'E', array=[1.0])])]).writeto(out / 'special.fits', overwrite=True)
raw = (out / 'special.fits').read_bytes()
raw = raw.replace(b'TSCAL9  =                  1.0', b'TSCAL1  =                  0.5').replace(b'TZERO9  =                  0.0', b'TZERO1  =                 10.0')
(out / 'special.fits').write_bytes(raw)
with fits.open(out / 'special.fits') as f:
    d = f['PHOT'].data
    expect('special.fits', 'fits', {
        'scaled': d['scaled'].astype('f8'), 'masked': [None if x == -99 else x for x in d['masked']],
        'bits': d['bits'], 'bit': [x[0] for x in d['bit']], 'p': vla, 'q': ints, 'text': ['a' * i for i in range(N)],
        'dims': d['dims'], 'strs': [['abc', 'de']] * N,
    }, units={'scaled': 'mag'}, ucds={'scaled': 'phot.mag'}, descriptions={'scaled': ('A long description ' * 8).strip()})

ascii_columns = [
    fits.Column('name', 'A10', array=np.array(['a', 'bb', 'ccc', '', 'd', 'e', 'f']), ascii=True),
    fits.Column('i', 'I6', array=np.arange(N), ascii=True), fits.Column('big', 'I20', array=ID, ascii=True),
    fits.Column('f', 'F12.6', array=np.arange(N) / 8, ascii=True), fits.Column('e', 'E15.7', array=np.arange(N) * 1e-10, ascii=True),
    fits.Column('d', 'D25.17', array=np.arange(N) / 7, ascii=True, unit='deg'),
]
fits.TableHDU.from_columns(ascii_columns).writeto(out / 'ascii.fits', overwrite=True)
with fits.open(out / 'ascii.fits') as f:
    d = f[1].data
    expect('ascii.fits', 'fits', {'name': ['a', 'bb', 'ccc', '', 'd', 'e', 'f'], 'i': np.arange(N), 'big': ID, 'f': d['f'].astype('f8'), 'e': d['e'].astype('f8'), 'd': d['d'].astype('f8')}, units={'d': 'deg'})

masked = Table({'k': MaskedColumn(ID, mask=np.arange(N) % 2 == 0), 'z': MaskedColumn(np.arange(N) / 8, mask=np.arange(N) == 3)})
masked.write(out / 'masked.fits', overwrite=True)
expect('masked.fits', 'fits', {'k': masked['k'], 'z': masked['z']})
even = np.arange(N) % 2 == 0
unsigned = Table({k: MaskedColumn(np.arange(N).astype(k), mask=even) for k in ['u1', 'u2', 'u4', 'u8']})
unsigned['v'] = MaskedColumn(np.arange(2 * N).reshape(N, 2).astype('u2'), mask=np.stack([even, ~even], axis=1))
unsigned.write(out / 'unsigned.fits', overwrite=True)
expect('unsigned.fits', 'fits', {k: unsigned[k] for k in unsigned.colnames})
described = Table({'ra': np.arange(2.0), 'flux': np.arange(2.0)})
described['ra'].unit, described['ra'].description = 'deg', "Right ascension: it's long " * 9
described['flux'].description = 'Flux'
described.write(out / 'described.fits', overwrite=True)
expect('described.fits', 'fits', {k: described[k] for k in described.colnames}, units={'ra': 'deg'}, descriptions={'ra': described['ra'].description.strip(), 'flux': 'Flux'})
Table({'ra': np.zeros(0), 'name': np.zeros(0, 'S3')}).write(out / 'empty.fits', overwrite=True)
expect('empty.fits', 'fits', {'ra': [], 'name': []})

# ---- HDF5
cols = {
    'objectId': ID, 'ra': rng.uniform(0, 360, N), 'z': rng.uniform(0, 3, N).astype('f4'), 'good': rng.integers(0, 2, N).astype(bool),
    'i1': rng.integers(-128, 128, N).astype('i1'), 'u2': rng.integers(0, 2**16, N).astype('u2'), 'u8': np.arange(N).astype('u8') + 2**63,
    'f2': rng.normal(size=N).astype('f2'), 'be': rng.normal(size=N).astype('>f8'), 'bei': rng.integers(-9, 9, N).astype('>i4'),
}
text = ['a', 'São', '', 'dd', 'e', 'f', 'g']
with h5py.File(out / 'columns.hdf5', 'w') as f:
    g = f.create_group('photometry')
    for k, v in cols.items():
        g[k] = v
    g['name'] = np.array([s.encode() for s in text])
    g['label'] = np.array(text, dtype=object)
    g['pdf'] = rng.normal(size=(N, 4)).astype('f4')
    pdf = g['pdf'][:]
    g['ra'].attrs['unit'] = 'deg'
    f['alias'] = h5py.SoftLink('/photometry/ra')
    f['loop'] = h5py.SoftLink('/loop')
    f['outside'] = h5py.ExternalLink('/etc/passwd', '/x')
    f['photometry/self'] = g
expect('columns.hdf5', 'hdf5', {**cols, 'name': text, 'label': text, 'pdf': pdf}, units={'ra': 'deg'})

with h5py.File(out / 'gzip.hdf5', 'w') as f:
    for k, v in cols.items():
        f.create_dataset(k, data=v, compression='gzip', shuffle=True, fletcher32=True, chunks=(3,))
expect('gzip.hdf5', 'hdf5', cols)

record = np.zeros(N, np.dtype([(k, v.dtype) for k, v in cols.items()] + [('name', 'S5'), ('vec', '>f4', (2, 2))]))
for k, v in cols.items():
    record[k] = v
record['name'] = [s.encode() for s in text]
record['vec'] = rng.normal(size=(N, 2, 2))
with h5py.File(out / 'compound.hdf5', 'w') as f:
    f['table'] = record
expect('compound.hdf5', 'hdf5', {**cols, 'name': text, 'vec': record['vec']})

varied = np.zeros(N, np.dtype([('x', 'f8'), ('label', h5py.string_dtype()), ('k', 'i8')]))
varied['x'], varied['label'], varied['k'] = np.arange(N) / 8, text, ID
with h5py.File(out / 'compound-strings.hdf5', 'w') as f:
    f['table'] = varied
expect('compound-strings.hdf5', 'hdf5', {'x': varied['x'], 'label': text, 'k': ID})

df = pd.DataFrame({'objectId': ID, 'ra': cols['ra'], 'dec': cols['ra'] / 4, 'good': cols['good'], 'z': cols['z']})
frame = {k: df[k].to_numpy() for k in df}
df.to_hdf(out / 'pandas-fixed.h5', key='df', mode='w')
expect('pandas-fixed.h5', 'hdf5', frame)
df['name'] = list('abcdefg')
df.to_hdf(out / 'pandas-table.h5', key='df', mode='w', format='table')
expect('pandas-table.h5', 'hdf5', {**frame, 'name': list('abcdefg')})
df.to_hdf(out / 'pandas-data-columns.h5', key='df', mode='w', format='table', data_columns=True)
expect('pandas-data-columns.h5', 'hdf5', {**frame, 'name': list('abcdefg')})


class Row(tables.IsDescription):
    ra = tables.Float64Col()
    name = tables.StringCol(4)
    good = tables.BoolCol()
    v = tables.Float32Col(shape=(2,))


with tables.open_file(out / 'pytables.h5', 'w') as f:
    table = f.create_table('/', 'catalog', Row)
    for i in range(N):
        row = table.row
        row['ra'], row['name'], row['good'], row['v'] = i / 8, f's{i}', i % 2, [i, i / 4]
        row.append()
    table.flush()
expect('pytables.h5', 'hdf5', {'ra': np.arange(N) / 8, 'name': [f's{i}' for i in range(N)], 'good': [i % 2 == 1 for i in range(N)], 'v': [[float(i), i / 4] for i in range(N)]})

at = Table({'ra': cols['ra'] * u.deg, 'z': cols['z']})
at['ra'].description = 'Right ascension'
at.write(out / 'astropy.hdf5', path='data', serialize_meta=True, overwrite=True)
expect('astropy.hdf5', 'hdf5', {'ra': cols['ra'], 'z': cols['z']}, units={'ra': 'deg'}, descriptions={'ra': 'Right ascension'})

# ---- Parquet
day = dt.datetime(2026, 1, 2, 3, 4, 5, 678901)
old = dt.datetime(1969, 12, 31, 23, 59, 59, 999999)
columns = {
    'i8': pa.array([1, None, -3], pa.int8()), 'u8': pa.array([1, None, 255], pa.uint8()), 'i16': pa.array([1, None, -3], pa.int16()),
    'u16': pa.array([1, None, 65535], pa.uint16()), 'i32': pa.array([1, None, -3], pa.int32()), 'u32': pa.array([1, None, 2**32 - 1], pa.uint32()),
    'i64': pa.array([int(ID[0]), None, -3], pa.int64()), 'u64': pa.array([1, None, 2**64 - 1], pa.uint64()),
    'f16': pa.array(np.array([1.5, 2, 3], 'f2')), 'f32': pa.array([0.1, None, 2.5], pa.float32()), 'f64': pa.array([0.1, None, float('nan')], pa.float64()),
    'b': pa.array([True, None, False]), 's': pa.array(['São', None, '']), 'ls': pa.array(['a', None, 'b'], pa.large_string()),
    'dict': pa.array(['x', None, 'y']).dictionary_encode(), 'dictbool': pa.array([True, None, False]).dictionary_encode(),
    'bin': pa.array([b'abc', None, b''], pa.binary()), 'date': pa.array([day.date(), None, old.date()]),
    'tms': pa.array([day.replace(microsecond=678000), None, old.replace(microsecond=0)], pa.timestamp('ms')), 'tus': pa.array([day, None, old], pa.timestamp('us')),
    'dec': pa.array([decimal.Decimal('1.25'), None, decimal.Decimal('-3.50')], pa.decimal128(10, 2)),
    'list': pa.array([[1.0, None, 2.5], None, []], pa.list_(pa.float64())), 'ids': pa.array([[2**60, 1], None, []], pa.list_(pa.int64())),
    'struct': pa.array([{'x': 1, 'y': 'a'}, None, {'x': None, 'y': 'b'}], pa.struct([('x', pa.int64()), ('y', pa.string())])),
    'pdf': pa.array([{'xvals': [0.5, 0.25], 'yvals': [1.0, 2.0]}, None, {'xvals': [], 'yvals': None}], pa.struct([('xvals', pa.list_(pa.float32())), ('yvals', pa.list_(pa.float64()))])),
    'nothing': pa.nulls(3),
}
table = pa.table(columns)
for codec in ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4']:
    pq.write_table(table, out / f'{codec}.parquet', compression=codec)
    expect(f'{codec}.parquet', 'parquet', {k: v.to_pylist() for k, v in columns.items()})
pq.write_table(pa.table({'t': pa.array([day, None, old], pa.timestamp('us'))}), out / 'int96.parquet', use_deprecated_int96_timestamps=True)
expect('int96.parquet', 'parquet', {'t': [day, None, old]})
many = pa.table({'id': pa.array(range(1_000)), 'z': pa.array(np.arange(1_000) / 8)})
pq.write_table(many, out / 'groups.parquet', row_group_size=97, data_page_version='2.0', use_dictionary=False, column_encoding={'id': 'DELTA_BINARY_PACKED', 'z': 'BYTE_STREAM_SPLIT'})
expect('groups.parquet', 'parquet', {k: many[k].to_pylist() for k in many.column_names})
at.write(out / 'astropy.parquet', overwrite=True)
expect('astropy.parquet', 'parquet', {'ra': cols['ra'], 'z': cols['z']}, units={'ra': 'deg'}, descriptions={'ra': 'Right ascension'})
at['ra'].meta['ucd'] = 'pos.eq.ra'
at.write(out / 'votable.parquet', format='parquet.votable', overwrite=True, metadata={'ra': {'unit': 'deg', 'ucd': 'pos.eq.ra;meta.main', 'utype': ''}, 'z': {'unit': '', 'ucd': 'src.redshift', 'utype': ''}})
expect('votable.parquet', 'parquet', {'ra': cols['ra'], 'z': cols['z']}, units={'ra': 'deg'}, ucds={'z': 'src.redshift'})

(out / 'expected.json').write_text(json.dumps(expected))
