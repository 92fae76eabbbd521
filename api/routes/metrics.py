"""`/metrics`: the service's figures for Prometheus: sums over all tenants, none of whom is named."""

from typing import Final

from fastapi import APIRouter, Depends, Response

from api.auth import may
from api.dependencies import Here

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    dependencies=[Depends(may("ops"))],
)
def metrics(here: Here) -> Response:
    """Money in US dollars, of all tenants together: needs `ops`. 503 while PostgreSQL is away."""
    return Response(here.figures.page(), media_type=MEDIA_TYPE)
