"""`/docs`: the contract as a page for people. Needs no key, as `/openapi.json` does not."""

from functools import lru_cache

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from api import docs_page, pages

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
def read_docs(request: Request) -> HTMLResponse:
    """Every route with what it takes and answers."""
    return HTMLResponse(_page(request.app), headers=pages.HEADERS)


@lru_cache(maxsize=1)
def _page(app: FastAPI) -> str:
    """Written once: whoever has no key may ask for it as often as they like."""
    return docs_page.render(app.openapi())
