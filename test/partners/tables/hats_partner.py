"""Opens a HATS collection that we wrote with lsdb, and writes one.

    hats_partner.py OURS THEIRS     prints JSON: what lsdb and the validation of hats say of OURS, the rows of THEIRS
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")
import lsdb  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from hats.io.validation import is_valid_collection  # noqa: E402

def rows(catalog):
    frame = catalog.compute().reset_index()
    return {
        name: [None if pd.isna(value) else str(value) for value in frame[name]]
        for name in frame.columns
    }


def read(folder):
    catalog = lsdb.open_catalog(folder)
    matched = catalog.crossmatch(catalog, radius_arcsec=1, suffixes=("_a", "_b")).compute()
    return {
        "valid": bool(is_valid_collection(folder, strict=True)),
        "rows": rows(catalog),
        "margin": len(catalog.margin.compute()),
        "marginThreshold": catalog.margin.hc_structure.catalog_info.margin_threshold,
        "matched": int((matched["id_a"] == matched["id_b"]).sum()),
        "near": sorted(str(i) for i in catalog.cone_search(ra=10, dec=20, radius_arcsec=36000).compute()["id"]),
    }


def write(folder):
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(
        {
            "id": np.arange(n) + 2**60,
            "ra": rng.uniform(0, 360, n),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
            "name": [None if i % 5 == 0 else f"n{i}" for i in range(n)],
        }
    )
    catalog = lsdb.from_dataframe(
        frame, ra_column="ra", dec_column="dec", margin_threshold=3600, lowest_order=0, highest_order=4, partition_rows=50
    )
    catalog.write_catalog(folder, catalog_name="test")
    return rows(catalog)


# Libraries print, too: the answer is the last line.
print("\n" + json.dumps({"ours": read(sys.argv[1]), "theirs": write(sys.argv[2])}))
