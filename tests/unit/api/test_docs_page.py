"""The page of the contract: whole, escaped, without a script and without anything from outside."""

from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import docs_page, pages
from api.app import ROUTERS, document
from api.routes import docs

SMALL: dict[str, Any] = {
    "info": {"title": "House", "version": "1", "summary": "Small."},
    "paths": {
        "/v1/things/{thing_id}": {
            "post": {
                "operationId": "make",
                "tags": ["things"],
                "summary": "Make <b>it</b>",
                "description": "Takes `<i>` and\nmore.\n\nAn `odd tick.",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "kind", "in": "query", "schema": {"enum": ["a", "b"]}, "description": "which"},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "202": {
                        "description": "Made",
                        "content": {"application/json": {"schema": {}, "example": {"id": "</pre><script>"}}},
                    },
                    "204": {"description": "Nothing"},
                    "409": {
                        "description": "Conflict",
                        "content": {"application/problem+json": {"examples": {"taken": {"value": {}}}}},
                    },
                },
            },
            "get": {
                "operationId": "read",
                "responses": {
                    "200": {"description": "It", "content": {"text/plain": {"examples": {"a": {"value": "one"}}}}}
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "required": ["name"],
                "examples": [{"name": "é"}],
                "properties": {
                    "name": {"type": "string", "description": "its name"},
                    "sizes": {"type": "array", "items": {"$ref": "#/components/schemas/Size"}},
                    "colour": {"anyOf": [{"$ref": "#/components/schemas/Colour"}, {"type": "null"}, {"type": "null"}]},
                    "fixed": {"const": 1},
                    "free": {},
                },
            },
            "Size": {"type": "object"},
            "Colour": {"enum": ["red", "blue"]},
        }
    },
}


class Tags(HTMLParser):
    """Which tags there are, and what links and sources lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.leads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.leads += [value or "" for name, value in attrs if name in {"href", "src"}]


def whole() -> dict[str, Any]:
    app = FastAPI(title="MeetingMind", summary="All of it.")
    for router in ROUTERS:
        app.include_router(router)
    return document(app)


def test_every_route_of_the_document_stands_on_the_page() -> None:
    paths = whole()["paths"]
    page = docs_page.render(whole())

    routes = [(path, method) for path, item in paths.items() for method in item]
    assert len(routes) > 40
    assert all(f'id="{paths[path][method]["operationId"]}"' in page for path, method in routes)
    assert page.count("<section") == len(routes)


def test_the_page_has_no_script_and_leads_nowhere_but_to_itself_and_the_document() -> None:
    found = Tags(docs_page.render(whole()))

    assert {"script", "link", "img", "iframe", "form"}.isdisjoint(found.tags)
    assert {lead for lead in found.leads if not lead.startswith("#")} == {"/openapi.json"}
    assert pages.POLICY in unescape(docs_page.render(SMALL))


def test_what_the_document_says_is_text() -> None:
    page = docs_page.render(SMALL)

    assert "script" not in Tags(page).tags
    assert "Make &lt;b&gt;it&lt;/b&gt;" in page
    assert "&lt;/pre&gt;&lt;script&gt;" in page


@pytest.mark.parametrize(
    "shown",
    [
        "<code>&lt;i&gt;</code> and\nmore.",
        "An `odd tick.",
        "<code>thing_id</code> <small>required</small></th><td>path</td><td>string</td><td></td>",
        "<td>query</td><td>&#34;a&#34; or &#34;b&#34;</td><td>which</td>",
        "<td>array of Size</td>",
        "<td>&#34;red&#34; or &#34;blue&#34; or null</td>",
        "<td>1</td>",
        "<td>anything</td>",
        "&#34;name&#34;: &#34;é&#34;",
        "<strong>409</strong> Conflict: <code>taken</code></summary><p>A problem",
        "<strong>204</strong> Nothing</summary><p>Without a body.</p>",
        "<pre>one</pre>",
        '<h2 id="others">Others</h2>',
    ],
)
def test_a_route_shows_what_it_takes_and_answers(shown: str) -> None:
    assert shown in docs_page.render(SMALL)


def test_only_what_needs_no_key_says_so() -> None:
    assert docs_page.render(SMALL).count("Needs no key.") == 1


def test_the_page_is_served_without_a_key_and_may_only_be_shown() -> None:
    app = FastAPI(title="MeetingMind", summary="All of it.", docs_url=None)
    app.include_router(docs.router)

    answer = TestClient(app).get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == f"{pages.POLICY}; frame-ancestors 'none'"
    assert answer.text == docs_page.render(app.openapi())
