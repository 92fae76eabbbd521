"""The provider vocabulary: what it refuses to hold."""

import pytest
from pydantic import ValidationError

from providers.calls import Image, Target


@pytest.mark.parametrize("source", [{}, {"base64": "aGk=", "url": "https://example.org/a.png"}])
def test_an_image_comes_from_one_place(source: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either base64 or a url"):
        Image.model_validate(source)


def test_an_image_is_its_bytes_or_its_address() -> None:
    assert Image(base64="aGk=").url == ""
    assert Image(url="https://example.org/a.png").base64 == ""


def test_a_target_is_split_at_its_first_slash_alone() -> None:
    assert Target.parse("openrouter/openai/gpt-6-luna") == Target(provider="openrouter", model="openai/gpt-6-luna")
