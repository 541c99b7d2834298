"""What holds here holds in the journeys too."""

from tests.journeys.conftest import no_apology

__all__ = ["no_apology"]
