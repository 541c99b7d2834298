"""`GET /metrics`: the counters of services/metrics.py, and what is measured at the moment of asking."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from models.database import Database
from models.errors import BusyError
from services.metrics import Metrics, backlog_of
from web.vitals import Vitals


class Measured(Collector):
    """What has no counter: the backlog of messages and the age of the last pong."""

    def __init__(self, database: Database, workspace_id: int, vitals: Vitals, clock: Callable[[], datetime]) -> None:
        self._database, self._workspace_id, self._vitals, self._clock = database, workspace_id, vitals, clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure; what cannot be measured just now is left out."""
        signs = self._vitals.read()
        if signs.pong_age_seconds is not None:
            yield GaugeMetricFamily(
                "baton_socket_last_pong_seconds", "Age of Slack's last answer to a ping.", signs.pong_age_seconds
            )
        try:
            with self._database.read() as session:
                backlog = backlog_of(session, self._workspace_id, self._clock())
        except (BusyError, SQLAlchemyError):
            return
        deliveries = GaugeMetricFamily("baton_deliveries", "Messages not where they should be.", labels=["state"])
        for state, count in backlog.counts.items():
            deliveries.add_metric([state.value], count)
        yield deliveries
        yield GaugeMetricFamily(
            "baton_delivery_oldest_seconds", "How long the oldest unposted message has waited.", backlog.oldest_seconds
        )


class MetricsPage:
    """The endpoint."""

    def __init__(self, metrics: Metrics, measured: Measured) -> None:
        self._counted = metrics.registry
        self._measured = CollectorRegistry()
        self._measured.register(measured)

    async def __call__(self, _request: Request) -> Response:
        """Answer in Prometheus' text format."""
        page = await run_in_threadpool(self._write)
        return Response(page, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    def _write(self) -> bytes:
        return generate_latest(self._counted) + generate_latest(self._measured)
