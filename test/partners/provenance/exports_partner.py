"""Opens the exports of a product with the programs that journals, archives and tools read them with."""
import json
import sys
from pathlib import Path

import mlcroissant
import prov.model
from crate_validator import problems
from rocrate.rocrate import ROCrate

folder = Path(sys.argv[1])

document = prov.model.ProvDocument.deserialize(folder / "prov.json", format="json")
records = list(document.get_records())
relations = [record for record in records if record.is_relation()]
runs = [r for r in document.get_records(prov.model.ProvActivity) if "run-" in str(r.identifier)]
# Every statement is told by an event.
assert all(str(relation.identifier).startswith("event:") for relation in relations), relations
used = [r for r in document.get_records(prov.model.ProvUsage)]
provn = (folder / "prov.provn").read_text()
for relation in relations:
    assert str(relation.identifier) in provn, relation.identifier

crate = ROCrate(folder / "crate")
actions = crate.get_by_type("CreateAction")
profile = crate.root_dataset["conformsTo"]

dataset = mlcroissant.Dataset(jsonld=json.loads((folder / "croissant.json").read_text()))
issues = dataset.metadata.issues

print(json.dumps({
    "relations": len(relations),
    "runs": len(runs),
    "used": len(used),
    "derived": len(list(document.get_records(prov.model.ProvDerivation))),
    "agents": sorted({str(a.label) for a in document.get_records(prov.model.ProvAgent)}),
    "files": sorted(entity.id for entity in crate.data_entities if entity.type == "File" and not entity.id.startswith("urn:")),
    "actions": [{
        "name": action["name"],
        "instrument": action["instrument"]["name"],
        "objects": len(action.get("object", [])),
        "agent": action["agent"]["name"],
    } for action in actions],
    "crate": problems(folder / "crate", "process-run-crate-0.5", "RECOMMENDED"),
    "profile": profile["@id"] if isinstance(profile, dict) else profile.id,
    "distribution": [file.name for file in dataset.metadata.distribution],
    "fields": [field.name for records in dataset.metadata.record_sets for field in records.fields],
    "errors": sorted(str(error) for error in issues.errors),
}))
