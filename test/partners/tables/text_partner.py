"""Writes text tables with pandas and astropy, and says what they themselves read from them.

    text_partner.py FOLDER    prints JSON: a list of {file, columns: {name: values}}
"""

import json
import sys
import warnings

import numpy as np
import pandas as pd
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table

warnings.simplefilter("ignore")
FOLDER = sys.argv[1]


def frame():
    rng = np.random.default_rng(7)
    n = 500
    mag = rng.normal(24, 2, n)
    mag[::9] = np.nan
    return pd.DataFrame(
        {
            "objectId": rng.integers(2**60, 2**61, n),
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-90, 90, n),
            "mag_i": mag,
            "flux": rng.normal(0, 1, n) * 10.0 ** rng.integers(-30, 30, n),
            "z_flag": rng.integers(0, 5, n),
            "survey": rng.choice(["DESI", "São, Paulo", 'quo"ted', "two\nlines"], n),
            "is_star": rng.random(n) < 0.3,
        }
    )


def plain(value):
    if value is None or value is np.ma.masked or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return str(value)


def values_of(table):
    names = table.colnames if isinstance(table, Table) else list(table.columns)
    return {name: [plain(value) for value in table[name]] for name in names}


def main():
    table = frame()
    results = []

    def add(file, read):
        results.append({"file": file, "columns": values_of(read)})

    exact = {"float_precision": "round_trip"}
    for name, options in {
        "comma.csv": {},
        "semicolon.csv": {"sep": ";"},
        "tab.tsv": {"sep": "\t"},
        "decimal.csv": {"sep": ";", "decimal": ","},
        "bom.csv": {"encoding": "utf-8-sig"},
        "utf16.csv": {"encoding": "utf-16"},
        "quoted.csv": {"quoting": 1},
        "crlf.csv": {"lineterminator": "\r\n"},
    }.items():
        table.to_csv(f"{FOLDER}/{name}", index=False, **options)
        reading = {key: value for key, value in options.items() if key in ("sep", "decimal", "encoding")}
        add(name, pd.read_csv(f"{FOLDER}/{name}", **reading, **exact))

    lines = table.assign(survey=table.survey.str.replace("\n", " "))
    masked = Table.from_pandas(lines)
    masked["ra"].unit = "deg"
    masked["z_flag"] = MaskedColumn(masked["z_flag"].astype("int16"), mask=np.arange(len(masked)) % 7 == 0)
    masked["mag_i"] = masked["mag_i"].astype("float32")
    masked.write(f"{FOLDER}/table.ecsv", format="ascii.ecsv", overwrite=True)
    add("table.ecsv", Table.read(f"{FOLDER}/table.ecsv", format="ascii.ecsv"))
    masked.write(f"{FOLDER}/masks.ecsv", format="ascii.ecsv", serialize_method="data_mask")
    add("masks.ecsv", Table.read(f"{FOLDER}/masks.ecsv", format="ascii.ecsv"))
    positions = QTable({"at": SkyCoord(lines.ra, lines.dec, unit="deg"), "from": SkyCoord(lines.ra, lines.dec, unit="deg")})
    positions.write(f"{FOLDER}/positions.ecsv", format="ascii.ecsv")
    read = {f"{name}.{axis}": getattr(positions[name], axis).deg for name in positions.colnames for axis in ("ra", "dec")}
    add("positions.ecsv", Table(read))
    masked["pdf"] = np.arange(3.0 * len(masked)).reshape(-1, 3)
    for name in ("tabledata", "binary", "binary2"):
        file = f"{name}.vot"
        written = masked.copy()
        if name == "binary":
            # BINARY says "no value" for integers by a number, which astropy does not choose by itself.
            written["z_flag"] = written["z_flag"].filled(-9)
            written["survey"] = [text.encode("ascii", "replace").decode() for text in written["survey"]]
        written.write(f"{FOLDER}/{file}", format="votable", tabledata_format=name, overwrite=True)
        read = Table.read(f"{FOLDER}/{file}", format="votable")
        read.remove_column("pdf")
        add(file, read)
    numbers = masked["ra", "dec", "z_flag"]
    numbers["z_flag"] = np.arange(len(numbers))
    numbers.write(f"{FOLDER}/commented.dat", format="ascii.commented_header", overwrite=True)
    add("commented.dat", Table.read(f"{FOLDER}/commented.dat", format="ascii.commented_header"))
    print(json.dumps(results))


main()
