"""Pipelines through the released client: asked for, watched, stopped, with rules of one's own."""

import time
import zipfile

import pandas as pd
import pytest
import requests
from astropy.table import Table

A = pd.DataFrame(
    {
        "ID": ["A1", "A2", "A3"],
        "RA": [10.0, 10.1, 11.0],
        "Dec": [-30.0, -30.0, -30.0],
        "z": [0.5, 0.8, 0.9],
        "flag": [4, 3, 3],
        "survey": ["6dFGS"] * 3,
    }
)
B = pd.DataFrame(
    {
        "ID": ["B1", "B2", "B3"],
        "RA": [10.00001, 10.10001, 12.0],
        "Dec": [-30.0, -30.0, -30.0],
        "z": [0.5004, 0.9, 0.0],
        "flag": [3, 3, 6],
        "survey": ["OzDES"] * 3,
    }
)
ROLES = {"ID": "ID", "RA": "RA", "Dec": "Dec", "z": "z", "flag": "z_flag", "survey": "survey"}

RULES = """
version: mine
tiebreaking_priority: [z_flag_homogenized]
delta_z_threshold: 0.2
crossmatch_radius_arcsec: 0.5
translation_rules:
  6DFGS: {z_flag_translation: {3: 3, 4: 4}}
  OZDES: {z_flag_translation: {3: 3, 6: 6}}
"""


def upload(client, folder, name, table):
    path = folder / f"{name}.csv"
    table.to_csv(path, index=False)
    product = client.upload(name=name, product_type="redshift_catalog", main_file=str(path))
    product.make_columns_association(ROLES)
    product.save()
    return product.product_id


@pytest.fixture(scope="module")
def inputs(alice, tmp_path_factory):
    _, client = alice
    folder = tmp_path_factory.mktemp("catalogs")
    return [upload(client, folder, "Survey A", A), upload(client, folder, "Survey B", B)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The client waits 30 s between two looks."""
    sleep = time.sleep
    monkeypatch.setattr("pzserver.core.time.sleep", lambda seconds: sleep(min(seconds, 0.3)))


def combine(client, name, inputs):
    process = client.combine_redshift_catalogs(name)
    for product_id in inputs:
        process.append_catalog(product_id)
    process.set_config(
        {"combine_type": "concatenate_and_mark_duplicates", "z_flag_homogenized_value_to_cut": 0, "output_format": "csv"}
    )
    return process


def wait(process, *statuses):
    for _ in range(200):
        if process.check_status() in statuses:
            return process.check_status()
        time.sleep(0.1)
    raise AssertionError(f"the run is still {process.check_status()}")


def result_of(client, process):
    """The product that the run made, as a table: it is there as soon as the run is called successful."""
    return client.get_product(process.output["id"])


def test_the_pipelines_and_their_parameters(alice, inputs):
    _, client = alice
    process = client.combine_redshift_catalogs("Nothing yet")
    assert process.available_product_types() == ["redshift_catalog"]
    assert process.config["combine_type"] == "concatenate"
    assert process.config["z_flag_homogenized_value_to_cut"] == 3.0
    assert process.config["insert_rubin_footprint_flag"] is True
    assert process.check_status() == "The process has not been started"


def test_run_and_wait(alice, inputs, tmp_path):
    _, client = alice
    process = combine(client, "Marked", inputs)
    process.append_catalog(inputs[0])  # twice is once
    client.run_and_wait(process)
    assert process.check_status() == "Successful"
    table = result_of(client, process)
    assert list(table["tie_result"]) == [1, 2, 1, 0, 2, 3]
    assert table["CRD_ID"][0] == f"CRD{inputs[0]}_1"
    assert process.output["display_name"] == "Marked"
    client.download_product(process.output["id"], save_in=str(tmp_path))
    (archive,) = tmp_path.iterdir()
    with zipfile.ZipFile(archive) as zipped:
        assert {"crd.csv", "config.yaml", "flags_translation.yaml", "pipeline.log"} <= set(zipped.namelist())


@pytest.mark.parametrize("output_format", ["parquet", "fits", "hdf5"])
def test_every_format_comes_as_a_table(alice, inputs, output_format):
    _, client = alice
    process = combine(client, f"Marked, {output_format}", inputs)
    process.set_config({"output_format": output_format})
    client.run_and_wait(process)
    table = result_of(client, process)
    assert isinstance(table, Table)
    assert list(table["tie_result"]) == [1, 2, 1, 0, 2, 3]


def test_rules_of_ones_own(alice, inputs, tmp_path):
    _, client = alice
    rules = tmp_path / "mine.yaml"
    rules.write_text(RULES)
    process = combine(client, "With my rules", inputs)
    process.set_flags_translation(str(rules))
    process.run()
    assert wait(process, "Successful", "Failed") == "Successful"
    # A2 and B2 differ by 0.1 in z, which these rules take for the same.
    assert list(result_of(client, process)["tie_result"]) == [1, 1, 1, 0, 0, 3]


def test_wrong_rules_are_refused_before_anything_runs(alice, inputs, tmp_path):
    _, client = alice
    rules = tmp_path / "wrong.yaml"
    rules.write_text(RULES + "  DESI: {z_flag_translation: {conditions: [{expr: '__import__(\"os\")', value: 1}]}}\n")
    process = combine(client, "Wrong rules", inputs)
    process.set_flags_translation(str(rules))
    with pytest.raises(requests.exceptions.RequestException, match="flags_translation_file"):
        process.run()


def test_wrong_parameters_are_told(alice, inputs):
    _, client = alice
    process = combine(client, "Wrong parameters", inputs)
    process.set_config({"combine_typ": "concatenate"})
    with pytest.raises(requests.exceptions.RequestException, match="did you mean 'combine_type'"):
        process.run()


def test_stop(alice, inputs):
    _, client = alice
    process = combine(client, "To be stopped", inputs)
    process.run()
    assert process.stop()["status"] in ("Stopping", "Stopped", "Successful")
    assert wait(process, "Stopped", "Successful") in ("Stopped", "Successful")


def test_a_run_belongs_to_its_owner(alice, bob, inputs):
    _, client = alice
    _, other = bob
    process = combine(client, "Mine", inputs)
    process.run()
    number = process.process["id"]
    for call in (lambda: other.api.get("processes", number), lambda: other.api.stop_process(number)):
        with pytest.raises(requests.exceptions.RequestException, match="404"):
            call()
    wait(process, "Successful")
