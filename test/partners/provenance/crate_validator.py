"""Validates RO-Crates with the validator of the RO-Crate community, without a network."""
import json
from pathlib import Path
from unittest.mock import patch

import rocrate
from requests import Response
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

# The terms of RO-Crate as the package rocrate brings them: those of 1.3, which has all of 1.1.
TERMS = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text())["@context"]
CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def answer(_requester, url, *_, **__):
    """What the web would say: the context, and nothing else."""
    response = Response()
    response.status_code = 200 if str(url) == CONTEXT else 404
    response._content = json.dumps({"@context": TERMS} if response.status_code == 200 else {}).encode()
    response.headers["Content-Type"] = "application/ld+json"
    response.url = str(url)
    return response


def problems(folder, profile, severity):
    """What a crate in a folder has against a profile, at this severity or a graver one: sentences with the check's name."""
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier=profile,
        requirement_severity=getattr(models.Severity, severity),
        skip_availability_check=True,
    )
    with patch.object(HttpRequester, "get", answer, create=True), patch.object(HttpRequester, "head", answer, create=True):
        result = services.validate(settings)
    return sorted(
        f"{issue.severity.name} {issue.check.identifier} {issue.violatingEntity}: {issue.message}" for issue in result.get_issues()
    )
