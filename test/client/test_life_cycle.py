"""upload → make_columns_association → save → find → get → download → delete, as notebooks do it."""

import hashlib
import uuid
import zipfile

import numpy as np
import pytest
import requests
import yaml
from conftest import BIG_ID, write_table
from pzserver import PzServer
from pzserver.upload import RequiredColumnsException

ROLES = {
    "TARGETID": "ID",
    "ra_deg": "RA",
    "dec_deg": "Dec",
    "zspec": "z",
    "quality": "z_flag",
    "survey_name": "survey",
}


def upload_catalog(client, path, name, **more):
    upload = client.upload(name=name, product_type="redshift_catalog", main_file=str(path), **more)
    upload.make_columns_association(ROLES)
    upload.save()
    return upload.product_id


@pytest.mark.parametrize("suffix", [".csv", ".fits", ".hdf5", ".parquet", ".pq"])
def test_what_goes_in_comes_back(alice, bob, table, tmp_path, suffix):
    _, client = alice
    path = write_table(table, tmp_path / f"catalog{suffix}")
    name = f"Round trip {uuid.uuid4().hex[:8]} {suffix}"
    upload = client.upload(name=name, product_type="redshift_catalog", main_file=str(path), description="A *test*.")
    # HDF5 has no order of its own: its members are listed by name.
    columns = sorted(table.columns) if suffix == ".hdf5" else list(table.columns)
    assert list(upload.columns) == columns
    assert upload.check_required_columns()["success"] is False
    upload.make_columns_association(ROLES)
    assert upload.check_required_columns()["success"] is True
    upload.save()

    _, colleague = bob
    found = colleague.get_products_list({"product_name": name, "product_type": "redshift"})
    assert [product["id"] for product in found] == [upload.product_id]
    internal_name = found[0]["internal_name"]
    assert internal_name.startswith(f"{upload.product_id}_round_trip_")

    metadata = colleague.get_product_metadata(internal_name)
    main = metadata["main_file"]
    assert main["n_rows"] == len(table)
    assert main["columns"] == columns
    assert {each["column_name"]: each["alias"] for each in main["columns_association"]} == ROLES
    assert main["size"] == path.stat().st_size

    back = colleague.get_product(internal_name)
    assert back.colnames == columns
    assert len(back) == len(table)
    assert [int(value) for value in back["TARGETID"]] == [BIG_ID + row for row in range(len(table))]
    # The client reads CSV with pandas, whose fast float parser is off by a bit in the last place.
    np.testing.assert_allclose(np.asarray(back["ra_deg"], dtype=float), table["ra_deg"].to_numpy(), rtol=1e-15)
    np.testing.assert_allclose(np.asarray(back["zspec"], dtype="float32"), table["zspec"].to_numpy(), rtol=1e-6)
    cells = np.asarray(back["survey_name"]).ravel()  # tables_io gives text of Parquet as a column of one-element rows
    text = [value.decode() if isinstance(value, bytes) else str(value) for value in cells]
    assert [value.strip() for value in text] == list(table["survey_name"])

    frame = colleague.display_product_metadata(internal_name, show=False)
    facts = dict(zip(frame["key"], frame["value"]))
    assert facts["n_rows"] == len(table) and facts["n_columns"] == len(table.columns)


def test_download_of_everything(alice, bob, table, tmp_path, capsys):
    _, client = alice
    path = write_table(table, tmp_path / "main.parquet")
    notes = tmp_path / "notes çã.ipynb"
    notes.write_text("{}")
    page = tmp_path / "about.html"
    page.write_text("<h1>About</h1>")
    upload = client.upload(
        name="Everything",
        product_type="redshift_catalog",
        main_file=str(path),
        auxiliary_files=[str(notes)],
        description="With files",
    )
    upload.add_auxiliary_file(str(page))
    upload.make_columns_association(ROLES)
    upload.save()

    _, colleague = bob
    folder = tmp_path / "downloads"
    folder.mkdir()
    colleague.download_product(upload.product_id, save_in=str(folder))
    assert "Done!" in capsys.readouterr().out
    (archive,) = folder.iterdir()
    assert archive.name.startswith(f"{upload.product_id}_everything_")
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert set(names) == {"product_metadata.yaml", "main.parquet", "notes çã.ipynb", "about.html", "MANIFEST.sha256",
            "ro-crate-metadata.json"}
        assert zipped.read("main.parquet") == path.read_bytes()
        metadata = yaml.safe_load(zipped.read("product_metadata.yaml"))
        for line in zipped.read("MANIFEST.sha256").decode().splitlines():
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(zipped.read(name)).hexdigest() == digest
    assert metadata["id"] == upload.product_id
    assert metadata["main_file"]["n_rows"] == len(table)
    assert {each["alias"] for each in metadata["associated_columns"]} == set(ROLES.values())

    first = archive.read_bytes()
    archive.unlink()
    colleague.download_product(upload.product_id, save_in=str(folder))
    (archive,) = folder.iterdir()
    assert archive.read_bytes() == first, "the same product gives the same bytes"


def test_download_is_resumed(alice, table, tmp_path):
    _, client = alice
    path = write_table(table, tmp_path / "resumed.csv")
    product = upload_catalog(client, path, "Resumed")
    prepared = client.api._prepare_product_main_file_download(product)
    assert prepared["status"] == "ready" and prepared["filename"] == "resumed.csv"
    folder = tmp_path / "downloads"
    folder.mkdir()
    # What a broken connection left: the client asks for the rest with Range and appends.
    (folder / "resumed.csv.part").write_bytes(path.read_bytes()[:1000])
    result = client.api.download_main_file(product, str(folder))
    assert result["success"], result
    assert (folder / "resumed.csv").read_bytes() == path.read_bytes()
    # A part that is complete already.
    (folder / "resumed.csv").unlink()
    (folder / "resumed.csv.part").write_bytes(path.read_bytes())
    result = client.api.download_main_file(product, str(folder))
    assert result["success"], result
    assert (folder / "resumed.csv").read_bytes() == path.read_bytes()


def test_a_catalog_without_roles_is_not_published(alice, table, tmp_path):
    _, client = alice
    path = write_table(table, tmp_path / "unfinished.csv")
    upload = client.upload(name="Unfinished", product_type="redshift_catalog", main_file=str(path))
    with pytest.raises(RequiredColumnsException):
        upload.save()
    with pytest.raises(requests.exceptions.RequestException, match="Dec,RA,z"):
        client.api.finish_upload(upload.product_id)
    upload.make_columns_association({"ra_deg": "RA", "dec_deg": "Dec", "zspec": "my redshift"})
    upload.reset_columns_association()
    upload.make_columns_association(ROLES)
    upload.save()
    assert client.get_product_metadata(upload.product_id)["status"] == 1


def test_a_broken_file_is_refused_with_the_reason(alice, tmp_path):
    _, client = alice
    path = tmp_path / "broken.csv"
    path.write_text("ra,dec,z\n1,2,0.5\n1,2\n")
    with pytest.raises(requests.exceptions.RequestException, match="Line 3"):
        client.upload(name="Broken", product_type="redshift_catalog", main_file=str(path))
    lie = tmp_path / "lie.csv"
    lie.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(requests.exceptions.RequestException, match="HDF5"):
        client.upload(name="Lie", product_type="redshift_catalog", main_file=str(lie))


def test_release_and_pz_code_rules(alice, table, release, tmp_path):
    _, client = alice
    path = write_table(table, tmp_path / "rules.csv")
    with pytest.raises(requests.exceptions.RequestException, match="Release must be null"):
        client.upload(name="R", product_type="redshift_catalog", main_file=str(path), release=release["name"])
    with pytest.raises(requests.exceptions.RequestException, match="Pz Code must be null"):
        client.upload(name="P", product_type="training_set", main_file=str(path), pz_code="bpz")
    upload = client.upload(name="Training", product_type="training_set", main_file=str(path), release=release["name"])
    upload.make_columns_association({"zspec": "z"})
    upload.save()
    product = client.get_product_metadata(upload.product_id)
    assert product["release_name"] == release["display_name"]


def test_free_format(alice, bob, tmp_path, capsys):
    _, client = alice
    model = tmp_path / "estimator.pkl"
    model.write_bytes(b"\x80\x04N.")
    upload = client.upload(name="Model", product_type="training_results", main_file=str(model))
    upload.save()
    _, colleague = bob
    with pytest.raises(ValueError, match="non-tabular"):
        colleague.get_product(upload.product_id)
    colleague.download_product(upload.product_id, save_in=str(tmp_path))
    assert "Done!" in capsys.readouterr().out


def test_metadata_only_estimates(host, alice, bob):
    """Photo-z estimates whose data are elsewhere: the client cannot make them, but it can read them."""
    _, client = alice
    headers = {"Authorization": f"Token {client.api._token}"}
    body = {"display_name": "Big estimates", "product_type": 4, "description": "On tape.", "pz_code": "bpz", "status": 0}
    answer = requests.post(f"{host}products/", json=body, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    product = answer.json()["id"]
    client.api.finish_upload(product)
    _, colleague = bob
    metadata = colleague.get_product_metadata(product)
    assert metadata["main_file"]["name"] is None
    assert colleague.display_product_metadata(product, show=False) is not None
    client.delete_product(product)


def test_delete(alice, bob, table, tmp_path):
    _, client = alice
    product = upload_catalog(client, write_table(table, tmp_path / "deleted.csv"), "To be deleted")
    _, colleague = bob
    with pytest.raises(ValueError, match="not the owner"):
        colleague.delete_product(product)
    client.delete_product(product)
    with pytest.raises(ValueError, match="not found"):
        colleague.get_product_metadata(product)
    assert client.get_products_list({"product_name": "To be deleted"}) == []


def test_product_object(alice, table, tmp_path):
    """Editing through PzProduct: description, files."""
    _, client = alice
    product = upload_catalog(client, write_table(table, tmp_path / "edited.csv"), "Edited")
    handle = client.get_product_object(product)
    handle.update_description("A better description")
    assert client.get_product_metadata(product)["description"] == "A better description"
    extra = tmp_path / "extra.txt"
    extra.write_text("more")
    handle.attach_auxiliary_file(str(extra))
    about = tmp_path / "about.html"
    about.write_text("<p>hello</p>")
    handle.attach_description_file(str(about))
    assert [each["name"] for each in handle.get_auxiliary_files()] == ["extra.txt"]
    assert [each["name"] for each in handle.get_description_files()] == ["about.html"]
    handle.remove_file(handle.get_auxiliary_files()[0]["id"])
    roles = [each["role_name"] for each in client.api.get_product_files(product)]
    assert sorted(roles) == ["Description", "Main"]
    assert handle.get_main_file_info()["n_rows"] == len(table)


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("ra;dec;z\n10;-20;0.5\n11;-21;0.6\n", ["ra", "dec", "z"], 2),
        ("10,-20,0.5\n11,-21,0.6\n", ["0", "1", "2"], 2),
        ("ra\tdec\tz\r\n10\t-20\t0.5\r\n", ["ra", "dec", "z"], 1),
        ("name,survey,z\na,DESI,0.5\nb,VVDS,0.6\n", ["name", "survey", "z"], 2),
    ],
)
def test_dialects_of_csv(alice, tmp_path, text, columns, rows):
    _, client = alice
    path = tmp_path / "dialect.csv"
    path.write_bytes(text.encode())
    upload = client.upload(name="Dialect", product_type="training_set", main_file=str(path))
    assert list(upload.columns) == columns
    upload.make_columns_association({columns[2]: "z"})
    upload.save()
    back = client.get_product(upload.product_id)
    assert back.colnames == columns and len(back) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,survey,z\na,DESI,x\nb,VVDS,y\n", "z \\(z\\) is not a column of numbers"),
        ("ra,dec,z\n10,-20,0.5\n11,95,0.6\n", "dec \\(Dec\\) is beyond ±90° in some rows.* See row 2"),
    ],
)
def test_impossible_values_are_not_published(alice, tmp_path, text, message):
    _, client = alice
    path = tmp_path / "impossible.csv"
    path.write_text(text)
    upload = client.upload(name="Impossible", product_type="training_set", main_file=str(path))
    columns = list(upload.columns)
    assert columns == text.split("\n")[0].split(",")
    upload.make_columns_association({"z": "z", **({"dec": "Dec"} if "dec" in columns else {})})
    with pytest.raises(requests.exceptions.RequestException, match=message):
        upload.save()


def test_wrong_token(host):
    with pytest.raises(Exception, match="401"):
        PzServer(token="0" * 40, host=host)


def test_1200_columns(alice, tmp_path):
    """The client never asks for a second page."""
    _, client = alice
    path = tmp_path / "wide.csv"
    names = [f"c{index}" for index in range(1200)]
    path.write_text(",".join(names) + "\n" + ",".join("1.5" for _ in names) + "\n")
    upload = client.upload(name="Wide", product_type="training_set", main_file=str(path))
    assert list(upload.columns) == names
    upload.make_columns_association({"c1199": "z"})
    upload.save()


def test_history_explains(host, alice, table, tmp_path):
    _, client = alice
    product = upload_catalog(client, write_table(table, tmp_path / "explained.csv"), "Explained")
    handle = client.get_product_object(product)
    handle.update_description("Later words")
    headers = {"Authorization": f"Token {client.api._token}"}
    history = requests.get(f"{host}products/{product}/history/", headers=headers, timeout=30).json()
    types = [event["type"] for event in history["results"]]
    assert types[:3] == ["ProductRegistered", "FileAttached", "MainFileInspected"]
    assert types[-2:] == ["ProductPublished", "MetadataEdited"]
    assert types.count("ColumnAssociated") == len(ROLES)
    for event in history["results"]:
        position = event["position"]
        then = requests.get(f"{host}products/{product}/?as_of={position}", headers=headers, timeout=30).json()
        assert then["position"] == position
        assert then["description"] == ("Later words" if event["type"] == "MetadataEdited" else None)
