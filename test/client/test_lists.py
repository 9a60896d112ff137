"""Lists, filters and displays of the client, as in its tutorial."""

import uuid

import pytest
from conftest import write_table


# Other runs may have left products of theirs on the server.
LIST = f"List {uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def products(alice, bob, release, table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    path = write_table(table, folder / "list.csv")
    made = {}
    for (username, client), name, kind, extra in (
        (alice, f"{LIST} spectra one", "redshift_catalog", {}),
        (alice, f"{LIST} training, one", "training_set", {"release": release["name"]}),
        (bob, f"{LIST} spectra two", "redshift_catalog", {}),
        (bob, f"{LIST} results", "validation_results", {"pz_code": "bpz", "release": release["name"]}),
    ):
        upload = client.upload(name=name, product_type=kind, main_file=str(path), **extra)
        upload.make_columns_association({"ra_deg": "RA", "dec_deg": "Dec", "zspec": "z"})
        upload.save()
        made[name] = upload.product_id
    return made


def names(client, filters):
    return sorted(p["display_name"] for p in client.get_products_list(filters) if p["display_name"].startswith(LIST))


def test_everything_without_filters(alice, products):
    assert len(names(alice[1], None)) == 4


def test_filters(alice, bob, products, release):
    client = alice[1]
    assert names(client, {"product_type": "redshift_catalog"}) == [f"{LIST} spectra one", f"{LIST} spectra two"]
    assert names(client, {"product_type": "Reference Redshift"}) == [f"{LIST} spectra one", f"{LIST} spectra two"]
    assert len(names(client, {"product_type__or": ["training", "validation"]})) == 2
    assert names(client, {"product_type": ["training", "validation"]}) == []
    assert names(client, {"uploaded_by": bob[0]}) == [f"{LIST} results", f"{LIST} spectra two"]
    assert names(client, {"uploaded_by": "ampère", "product_name": LIST}) == [f"{LIST} spectra one", f"{LIST} training, one"]
    assert len(names(client, {"uploaded_by__or": [alice[0], bob[0]]})) == 4
    assert len(names(client, {"release": "DP1"})) >= 2
    assert names(client, {"release": release["name"]}) == [f"{LIST} results", f"{LIST} training, one"]
    assert len(names(client, {"release__isnull": True})) == 2
    assert names(client, {"official_product": True}) == []
    assert len(names(client, {"official_product": False})) == 4
    assert names(client, {"status": 0}) == []
    assert names(client, {"search": "spectra,two"}) == [f"{LIST} spectra two"]
    wanted = [p["internal_name"] for p in client.get_products_list() if p["id"] in products.values()]
    assert len(names(client, {"internal_name__in": wanted[:2]})) == 2


def test_wrong_filter_is_refused_by_the_client(alice):
    with pytest.raises(ValueError, match="Invalid filter"):
        alice[1].get_products_list({"no_such_filter": 1})


def test_displays(alice, products, capsys):
    client = alice[1]
    client.display_product_types()
    client.display_users()
    client.display_releases()
    client.display_products_list(filters={"product_type": "redshift_catalog"})
    client.display_product_metadata(products[f"{LIST} spectra one"])
    assert "Styler" in capsys.readouterr().out


def test_reference_data(alice, release):
    client = alice[1]
    types = client.get_product_types()
    assert [each["name"] for each in types][:2] == ["redshift_catalog", "training_set"]
    assert release["name"] in [each["name"] for each in client.get_releases()]
    assert alice[0] in [each["username"] for each in client.get_users()]
    assert client.api.get_by_name("releases", release["name"])["id"] == release["id"]
    assert client.api.get_by_name("pipelines", "training_set_maker")["display_name"] == "Training Set Maker"
