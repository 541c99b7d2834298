"""The examples of docs/hooks.md work as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.lead import Consent, Source
from models.touchpoint import Touchpoint, TouchpointKind
from tests.web.web_site import Site

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()


def _example(language: str, containing: str, site: Site) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    example = str(next(block for block in blocks if containing in block))
    return example.replace("http://127.0.0.1:3000", str(site.http.base_url).rstrip("/"))


def test_the_examples_report_a_lead_and_a_contact(site: Site) -> None:
    """First the one with curl, then the one in Python about the same person."""
    if not all(map(shutil.which, ("sh", "curl", "openssl", "od"))):
        pytest.skip("the example needs curl and openssl")
    shell = _example("sh", "curl", site)
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    told = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, env=environment, check=True)
    assert told.stdout == '{"lead":"L-1","status":"added"}'
    assert (site.leads()[0].name, site.leads()[0].source) == ("田中 一郎", Source.WEB_FORM)

    script = _example("python", "urlopen", site)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert told.stdout == '201 {"lead":"L-1","status":"logged"}\n'
    assert site.rows(Touchpoint)[0].kind is TouchpointKind.WHITEPAPER


def test_the_example_for_node_reports_a_lead(site: Site) -> None:
    """The one for Zapier and HubSpot, as it stands; sent again, it is answered the same."""
    if not shutil.which("node"):
        pytest.skip("the example needs Node")
    page = (Path(__file__).parents[2] / "docs" / "hook-senders.md").read_text()
    code = re.findall(r"```js\n(.*?)```", page, re.DOTALL)[0]
    code = code.replace("http://127.0.0.1:3000", str(site.http.base_url).rstrip("/"))
    for _ in range(2):
        told = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
        assert told.stdout == '201 {"lead":"L-1","status":"added"}\n'
    (lead,) = site.leads()
    assert (lead.name, lead.consent) == ("大野 玲", Consent.YES)


def test_the_example_of_a_secret_is_one_that_baton_takes(site: Site) -> None:
    """What the page's command prints can sign."""
    code = re.search(r'python -c "(.*?)"\n', PAGE)
    assert code
    secret = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=True).stdout.strip()
    assert secret.startswith("whsec_")
    assert site.hook("leads", {"name": "A"}, secret=secret).status_code == 401


def test_the_page_lists_every_kind_and_source() -> None:
    """A new one is added here too."""
    for word in (*TouchpointKind, *Source):
        assert f"`{word}`" in PAGE
