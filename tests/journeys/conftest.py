"""What holds in every journey."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_apology(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when the router met something that nobody expected: a person only saw an apology."""
    yield
    met = [record.getMessage() for record in caplog.get_records("call") if record.message.startswith("unexpected")]
    assert met == []
