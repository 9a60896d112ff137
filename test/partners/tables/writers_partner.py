"""Says what astropy, h5py, tables_io, pyarrow and pandas read from tables that we wrote.

    writers_partner.py FOLDER    prints JSON: {file and reader: {columns, units, ucds, descriptions}}

Integers beyond 2^53 are texts; no value (masked, NaN, blank) is null.
"""

import json
import math
import sys
import warnings
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import tables_io
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import Table

warnings.simplefilter("ignore")
FOLDER = Path(sys.argv[1])


def plain(value):
    if value is None or value is np.ma.masked or value is pd.NA:
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else repr(float(value))
    return value or None


def said(columns, units=None, ucds=None, descriptions=None):
    values = {name: [plain(value) for value in column] for name, column in columns.items()}
    return {"columns": values, "units": units or {}, "ucds": ucds or {}, "descriptions": descriptions or {}}


def of_astropy(path, **options):
    table = Table.read(path, **options)
    units = {name: str(table[name].unit) for name in table.colnames if table[name].unit is not None}
    ucds = {name: table[name].meta["ucd"] for name in table.colnames if "ucd" in table[name].meta}
    descriptions = {name: table[name].description for name in table.colnames if table[name].description}
    return said({name: table[name] for name in table.colnames}, units, ucds, descriptions)


def of_fits(path):
    columns = of_astropy(path)
    header = fits.getheader(path, 1)
    words = lambda key: {
        header[f"TTYPE{n}"]: header[f"{key}{n}"] for n in range(1, header["TFIELDS"] + 1) if f"{key}{n}" in header
    }
    return {**columns, "units": words("TUNIT"), "ucds": words("TUCD"), "descriptions": words("TCOMM")}


def of_votable(path):
    fields = parse_single_table(path).fields
    words = lambda key: {f.name: str(getattr(f, key)) for f in fields if getattr(f, key)}
    columns = of_astropy(path, format="votable")
    return {**columns, "units": words("unit"), "ucds": words("ucd"), "descriptions": words("description")}


def of_h5py(path, group="/"):
    with h5py.File(path) as file:
        datasets = dict(file[group].items())
        words = lambda key: {n: d.attrs[key].decode() for n, d in datasets.items() if key in d.attrs}
        columns = {name: dataset[:] for name, dataset in datasets.items()}
        return said(columns, words("unit"), words("ucd"), words("description"))


found = {
    "csv pandas": said(pd.read_csv(FOLDER / "sample.csv", dtype=str).to_dict("list")),
    "fits astropy": of_fits(FOLDER / "sample.fits"),
    "hdf5 h5py": of_h5py(FOLDER / "sample.hdf5"),
    "hdf5 tables_io": said(tables_io.read(str(FOLDER / "sample.hdf5"))),
    "hdf5 photometry": said(tables_io.read(str(FOLDER / "rail.hdf5"))["photometry"]),
    "parquet pyarrow": said(pq.read_table(FOLDER / "sample.parquet").to_pydict()),
    # Not all columns: see writers.test.ts.
    "parquet tables_io": said(tables_io.read(str(FOLDER / "full.pq")).to_dict("list")),
    "parquet astropy": of_astropy(FOLDER / "full.parquet", format="parquet.votable"),
    "votable astropy": of_votable(FOLDER / "sample.vot"),
    "tabledata astropy": of_votable(FOLDER / "tabledata.vot"),
    "one column": said(pd.read_csv(FOLDER / "one.csv").to_dict("list")),
    "long names": of_fits(FOLDER / "names.fits"),
}
json.dump(found, sys.stdout)
