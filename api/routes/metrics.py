"""`/metrics`: the service's figures for Prometheus. Without a key, and so without a tenant's name: keep it inside."""

from typing import Final

from fastapi import APIRouter, Response

from api.dependencies import Here

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(here: Here) -> Response:
    """Money in US dollars. 503 while PostgreSQL is away."""
    return Response(here.figures.page(), media_type=MEDIA_TYPE)
