"""The other side of bench/inspect.ts: makes the files, and reads them with the usual Python packages.

    inspect_peers.py make FOLDER ROWS
    inspect_peers.py read FORMAT FILE TIMES    prints JSON: seconds of the fastest plain read, by the
                                               clock and of the processor; rows, sums, min, max
"""

import json
import os
import sys
import time

import numpy as np


def columns(rows):
    rng = np.random.default_rng(20260101)
    table = {
        "objectId": rng.integers(2**60, 2**61, rows),
        "ra": rng.uniform(0, 360, rows),
        "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, rows))),
        "redshift": np.abs(rng.normal(0.7, 0.4, rows)).round(5),
        "z_flag": rng.integers(0, 5, rows),
    }
    for band in "ugrizy":
        table["mag_" + band] = rng.normal(24, 2, rows).round(4)
    for band in "ugriz":
        table["mag_err_" + band] = np.abs(rng.normal(0.05, 0.02, rows)).round(5)
    table["survey"] = rng.choice(np.array(["DESI", "2dFGRS", "VVDS", "zCOSMOS", "6dFGS"]), rows)
    return table


def make(folder, rows):
    import h5py
    import pandas as pd
    from astropy.table import Table

    os.makedirs(folder, exist_ok=True)
    table = columns(rows)
    frame = pd.DataFrame(table)
    frame.to_csv(f"{folder}/table.csv", index=False)
    frame.to_parquet(f"{folder}/table.parquet", compression="snappy", row_group_size=200_000)
    frame.to_parquet(f"{folder}/table-zstd.parquet", compression="zstd", row_group_size=rows)
    Table(table).write(f"{folder}/table.fits", overwrite=True)
    for file_name, options in (("table", {}), ("table-gzip", {"compression": "gzip"})):
        with h5py.File(f"{folder}/{file_name}.hdf5", "w") as file:
            for name, values in table.items():
                data = values.astype("S8") if values.dtype.kind == "U" else values
                file.create_dataset(f"photometry/{name}", data=data, **options)
    Table(table).write(f"{folder}/table-binary2.vot", format="votable", tabledata_format="binary2", overwrite=True)
    fields = "".join(
        f'<FIELD name="{name}" datatype="{"long" if v.dtype.kind == "i" else "double" if v.dtype.kind == "f" else "char"}"'
        + (' arraysize="*"/>' if v.dtype.kind == "U" else "/>")
        for name, v in table.items()
    )
    with open(f"{folder}/table.vot", "w") as file:
        file.write('<?xml version="1.0"?>\n<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">')
        file.write(f"<RESOURCE><TABLE>{fields}<DATA><TABLEDATA>\n")
        for row in zip(*(values.tolist() for values in table.values())):
            file.write("<TR><TD>" + "</TD><TD>".join(map(str, row)) + "</TD></TR>\n")
        file.write("</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>\n")


def read_csv(file):
    import pandas as pd

    return dict(pd.read_csv(file))


def read_parquet(file):
    import pyarrow.parquet as pq

    return pq.read_table(file)


def read_astropy(file):
    from astropy.table import Table

    return Table.read(file)


def read_hdf5(file):
    import h5py

    with h5py.File(file) as handle:
        return {name: data[:] for name, data in handle["photometry"].items()}


READERS = {"csv": read_csv, "parquet": read_parquet, "fits": read_astropy, "votable": read_astropy, "hdf5": read_hdf5}


def read(kind, file, times):
    reader = READERS[kind]
    seconds = cpu_seconds = float("inf")
    for _ in range(times):
        start, cpu_start = time.perf_counter(), time.process_time()
        table = reader(file)
        seconds = min(seconds, time.perf_counter() - start)
        cpu_seconds = min(cpu_seconds, time.process_time() - cpu_start)
    names = table.column_names if kind == "parquet" else list(table.keys())
    facts = {}
    for name in names:
        values = np.asarray(table[name])
        if values.dtype.kind in "if":
            low, high = values.min(), values.max()
            whole = values.dtype.kind == "i"
            facts[name] = {
                "min": str(low) if whole else float(low),
                "max": str(high) if whole else float(high),
                "mean": float(values.astype("f8").mean()),
            }
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "rows": len(values), "columns": facts}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]))
    else:
        read(sys.argv[2], sys.argv[3], int(sys.argv[4]))
