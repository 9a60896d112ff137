"""The Training Set Maker through the released client. `object-catalog.ts` writes the catalog of its release."""

import time

import numpy as np
import pandas as pd
import pytest
import requests
from test_pipelines import impatient, wait  # noqa: F401 (a fixture)

ROWS = 80


def redshifts():
    """Every second one lies on an object."""
    row = np.arange(ROWS)
    return pd.DataFrame(
        {
            "id": np.where(row % 2 == 0, 2**60 + row // 2, row),
            "ra": np.where(row % 2 == 0, 150 + (row // 2) / 100, 10.0 + row / 100),
            "dec": np.full(ROWS, 2.25),
            "z": np.linspace(0.01, 1.5, ROWS),
        }
    )


@pytest.fixture(scope="module")
def catalog(alice, tmp_path_factory):
    _, client = alice
    path = tmp_path_factory.mktemp("redshifts") / "redshifts.parquet"
    redshifts().to_parquet(path, index=False)
    product = client.upload(name="Redshifts for training", product_type="redshift_catalog", main_file=str(path))
    product.make_columns_association({"id": "ID", "ra": "RA", "dec": "Dec", "z": "z"})
    product.save()
    return product.product_id


@pytest.fixture(scope="module")
def tsm_release(host, admin_headers):
    body = {"name": "tsm_dr", "display_name": "TSM DR", "description": "Objects", "indexing_column": "objectId"}
    answer = requests.post(f"{host}releases/", json=body, headers=admin_headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def maker(client, catalog, config, name="Training set"):
    process = client.training_set_maker(name)
    process.set_release(name="tsm_dr")
    process.set_redshift(catalog)
    process.set_config(config)
    return process


def result_of(client, process):
    while (product := client.api.get("products", process.output["id"]))["status"] == 3:
        time.sleep(0.1)
    assert product["product_status"] == "Published", product
    return product, client.get_product(process.output["id"])


def test_defaults(alice, tsm_release):
    _, client = alice
    process = client.training_set_maker("Nothing yet")
    assert process.available_product_types() == ["redshift_catalog"]
    assert process.config["crossmatch"] == {"radius_arcsec": 1.0, "n_neighbors": 1}
    assert process.config["train_fraction"] == 0.7
    assert process.config["random_seed"] is None
    process.set_release(release_id=tsm_release["id"])
    assert process.release["name"] == "tsm_dr"


@pytest.mark.parametrize("radius", [0.1, 1.0, 10.0])
def test_run_and_wait(alice, catalog, tsm_release, radius):
    _, client = alice
    process = maker(client, catalog, {"crossmatch": {"radius_arcsec": radius, "n_neighbors": 1}})
    client.run_and_wait(process)
    assert process.check_status() == "Successful"
    product, table = result_of(client, process)
    assert product["release_name"] == "TSM DR"
    assert product["product_type_internal_name"] == "training_set"
    assert len(table) == 40
    assert np.all(np.asarray(table["_dist_arcsec"]) == 0)
    assert np.all(np.asarray(table["id"]) == np.asarray(table["objectId"]))
    assert table["i_cModelMag"][0] == pytest.approx(26.4)


def test_hats(alice, catalog, tsm_release):
    """A folder for the client: it takes a zip, and reads it with lsdb."""
    pytest.importorskip("lsdb")
    _, client = alice
    process = maker(client, catalog, {"output_format": "hats"})
    client.run_and_wait(process)
    product, table = result_of(client, process)
    main = client.api.get_main_file_info(product["id"])
    assert main["is_directory"] is True
    assert main["name"] == "tsm.hats.zip"
    assert sorted(table["objectId"]) == [2**60 + row for row in range(40)]


def test_stop(alice, catalog, tsm_release):
    _, client = alice
    process = maker(client, catalog, {})
    process.run()
    assert process.stop()["status"] in ("Stopping", "Stopped", "Successful")
    wait(process, "Stopped", "Successful")


def test_a_release_without_a_catalog(alice, catalog, release):
    _, client = alice
    process = client.training_set_maker("No objects")
    process.set_release(name=release["name"])
    process.set_redshift(catalog)
    with pytest.raises(requests.exceptions.RequestException, match="no object catalog of the release"):
        process.run()


def test_wrong_parameters(alice, catalog, tsm_release):
    _, client = alice
    with pytest.raises(requests.exceptions.RequestException, match="did you mean 'train_fraction'"):
        maker(client, catalog, {"train_fracton": 0.5}).run()
