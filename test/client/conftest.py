"""The released Python client, unmodified, against a running server. `test/client/client.test.ts` starts the server."""

import os
import uuid

import numpy as np
import pandas as pd
import pytest
import requests
from pzserver import PzServer

HOST = os.environ["PZ_HOST"]  # e.g. http://127.0.0.1:3000/api/
ADMIN_PASSWORD = os.environ["PZ_ADMIN_PASSWORD"]

# DESI's TARGETID: beyond 2^53, where JSON numbers and float64 lose digits.
BIG_ID = 2305843019946942123


def obtain_token(username, password):
    answer = requests.post(f"{HOST}obtain_token/", data={"username": username, "password": password}, timeout=30)
    answer.raise_for_status()
    return answer.json()["token"]


@pytest.fixture(scope="session")
def host():
    return HOST


@pytest.fixture(scope="session")
def admin_token():
    return obtain_token("admin", ADMIN_PASSWORD)


@pytest.fixture(scope="session")
def admin_headers(admin_token):
    return {"Authorization": f"Token {admin_token}"}


def make_person(admin_headers, first_name="", last_name=""):
    username = f"user-{uuid.uuid4().hex[:8]}"
    body = {
        "username": username,
        "password": "correct horse",
        "first_name": first_name,
        "last_name": last_name,
        "is_admin": False,
        "groups": [],
    }
    answer = requests.post(f"{HOST}users/", json=body, headers=admin_headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return username, obtain_token(username, "correct horse")


@pytest.fixture(scope="session")
def alice(admin_headers):
    """An astronomer: (username, client)."""
    username, token = make_person(admin_headers, "Alice", "Ampère")
    return username, PzServer(token=token, host=HOST)


@pytest.fixture(scope="session")
def bob(admin_headers):
    """Her colleague."""
    username, token = make_person(admin_headers, "Bob", "Boltzmann")
    return username, PzServer(token=token, host=HOST)


@pytest.fixture(scope="session")
def release(admin_headers):
    body = {"name": f"dp{uuid.uuid4().hex[:6]}", "display_name": "LSST DP1 (test)", "description": "A release"}
    answer = requests.post(f"{HOST}releases/", json=body, headers=admin_headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def redshifts(rows=200):
    """A small redshift catalog whose ids are beyond 2^53."""
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "TARGETID": np.arange(rows, dtype=np.int64) + BIG_ID,
            "ra_deg": random.uniform(0, 360, rows),
            "dec_deg": random.uniform(-60, 5, rows),
            "zspec": random.uniform(0, 2, rows).astype("float32"),
            "quality": random.integers(0, 5, rows).astype("int16"),
            "survey_name": np.array(["DESI", "VIPERS"])[random.integers(0, 2, rows)],
        }
    )


@pytest.fixture(scope="session")
def table():
    return redshifts()


def write_table(table, path):
    """Writes a DataFrame in the format of the path's extension."""
    from astropy.table import Table
    import h5py

    suffix = path.suffix
    if suffix == ".csv":
        table.to_csv(path, index=False, float_format=None)
    elif suffix in (".pq", ".parquet"):
        table.to_parquet(path, index=False)
    elif suffix == ".fits":
        Table.from_pandas(table).write(path, overwrite=True)
    elif suffix == ".hdf5":
        with h5py.File(path, "w") as file:
            for name in table.columns:
                values = table[name].to_numpy()
                file[name] = values.astype("S16") if values.dtype == object else values
    else:
        raise ValueError(suffix)
    return path
