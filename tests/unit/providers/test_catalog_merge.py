"""What a house adds to the catalog by configuration alone, and what it is told where that does not fit."""

from datetime import UTC, date, datetime

import pytest

from providers.calls import Target
from providers.catalog import ModelCard, load
from providers.catalog_merge import CatalogError

SHIPPED = load()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

ROW = "input_micro_usd = 1, cached_input_micro_usd = 1, cache_write_micro_usd = 1, output_micro_usd = 2"
PRICES = f"prices = [{{ since = 2026-11-20, {ROW} }}]\n"
OWN_SERVER = f"""
version = "7"

[[providers]]
id = "cellar"
name = "The server in the cellar"
dialect = "openai_chat"
base_url = "http://cellar.example:8000/v1"
json_output = "object"

[[models]]
provider = "cellar"
id = "meta/llama-9"
tier = "economy"
window_tokens = 32_000
max_output_tokens = 4_000
equivalent = "economy"
{PRICES}
"""
FINE_TUNED = """
[[models]]
provider = "openai"
id = "ft:gpt-4o:acme:minutes:1"
base = "openai/gpt-4o"
"""


def model(text: str, target: str) -> ModelCard:
    return load(text).model(Target.parse(target))


def test_nothing_added_changes_nothing_but_the_version() -> None:
    added = load("")

    assert added == SHIPPED.model_copy(update={"version": added.version})
    assert added.version == f"{SHIPPED.version}+own"


def test_a_server_of_our_own_is_a_provider_behind_the_others() -> None:
    catalog = load(OWN_SERVER)

    assert [card.id for card in catalog.providers] == [*(card.id for card in SHIPPED.providers), "cellar"]
    assert catalog.provider("cellar").key_variable == ""
    assert catalog.model(Target.parse("cellar/meta/llama-9")).window_tokens == 32_000
    assert str(catalog.resolve("meta/llama-9", NOW).target) == "cellar/meta/llama-9"
    assert catalog.version == f"{SHIPPED.version}+7"


def test_a_fine_tuned_model_has_from_its_base_what_it_does_not_say() -> None:
    base = SHIPPED.model(Target.parse("openai/gpt-4o"))

    tuned = model(FINE_TUNED, "openai/ft:gpt-4o:acme:minutes:1")

    assert tuned == base.model_copy(update={"id": tuned.id, "base": "openai/gpt-4o"})
    assert tuned.family == base.family
    assert tuned.retires_on == date(2027, 1, 14)


def test_what_a_variant_says_itself_wins() -> None:
    tuned = model(FINE_TUNED + 'tier = "premium"\nequivalent = "minutes"\n' + PRICES, "openai/ft:gpt-4o:acme:minutes:1")

    assert (tuned.tier, tuned.equivalent, tuned.prices[0].input_micro_usd) == ("premium", "minutes", 1)


def test_a_deployment_at_another_seller_takes_the_model_but_not_the_seller_s_terms() -> None:
    text = """
        [[models]]
        provider = "azure"
        id = "prod-mini"
        base = "openai/gpt-5-mini"
    """
    base = SHIPPED.model(Target.parse("openai/gpt-5-mini"))

    deployed = model(text, "azure/prod-mini")

    assert (deployed.prices, deployed.takes, deployed.window_tokens) == (base.prices, base.takes, base.window_tokens)
    assert (deployed.retires_on, deployed.replaced_by, deployed.efforts, deployed.flex_percent) == (None, "", (), 100)


def test_a_deployment_of_a_template_is_reached_as_the_template_is() -> None:
    text = """
        [[models]]
        provider = "azure"
        id = "prod-terra"
        base = "azure/gpt-6.1-terra"
    """
    template = SHIPPED.model(Target.parse("azure/gpt-6.1-terra"))

    deployed = model(text, "azure/prod-terra")

    assert deployed == template.model_copy(update={"id": "prod-terra"})
    assert deployed.base == "openai/gpt-6.1-terra"  # the model itself, not what it was copied from
    served = load(text).served("azure", "gpt-6.1-terra-2026-10-06")
    assert served is not None
    assert served.target == template.target


def test_a_variant_can_be_based_on_another_that_stands_behind_it() -> None:
    text = """
        [[models]]
        provider = "openai"
        id = "second"
        base = "openai/first"

        [[models]]
        provider = "openai"
        id = "first"
        base = "openai/gpt-6-luna"
        max_output_tokens = 1_000
    """

    assert model(text, "openai/second").max_output_tokens == 1_000
    assert model(text, "openai/second").base == "openai/gpt-6-luna"


def test_an_entry_that_ships_is_changed_where_the_house_says_so() -> None:
    catalog = load("""
        [[providers]]
        id = "openai"
        regions = ["eu"]

        [[models]]
        provider = "openai"
        id = "gpt-6-luna"
        retires_on = 2026-11-01

        [[aliases]]
        name = "gpt-4"
        target = "anthropic/claude-opus-5-5"
    """)
    luna = Target.parse("openai/gpt-6-luna")

    assert catalog.provider("openai") == SHIPPED.provider("openai").model_copy(update={"regions": ("eu",)})
    assert catalog.model(luna) == SHIPPED.model(luna).model_copy(update={"retires_on": date(2026, 11, 1)})
    assert str(catalog.resolve("gpt-4", NOW).target) == "anthropic/claude-opus-5-5"
    assert [card.target for card in catalog.models] == [card.target for card in SHIPPED.models]


def test_a_name_of_the_house_is_no_warning() -> None:
    catalog = load('[[aliases]]\nname = "team/fast"\ntarget = "openai/gpt-6-luna"\n')

    resolved = catalog.resolve("team/fast", NOW)

    assert (str(resolved.target), resolved.warning) == ("openai/gpt-6-luna", None)


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ('failover_order = ["anthropic", "openai"]', ()),
        ("", ("anthropic", "openai")),
        ('failover_order = ["google"]', ("anthropic", "openai")),  # the argument wins
    ],
)
def test_the_order_of_failover_is_the_house_s_to_set(text: str, argument: tuple[str, ...]) -> None:
    catalog = load(text, argument)

    assert [card.id for card in catalog.providers][:4] == ["anthropic", "openai", "aimlapi", "google"]
    assert catalog.failover_order == ("anthropic", "openai")
    assert len(catalog.providers) == len(SHIPPED.providers)
    assert str(catalog.stand_ins(Target.parse("deepseek/deepseek-flash"), NOW)[0].target) == (
        "anthropic/claude-haiku-5-5"
    )


def entry(fields: str, part: str = "models") -> str:
    return f"[[{part}]]\n{fields}\n"


LUNA = 'provider = "openai"\nid = "gpt-6-luna"\n'
NEW = 'provider = "openai"\nid = "new"\nbase = "openai/gpt-6-luna"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("models = [", "this is no TOML"),
        ("[[model]]", "model: there is no such part; there are providers, models, aliases"),
        ("models = 3", "models: must be a list, each entry headed [[models]]"),
        ("models = [3]", "models: entry 1 must be a table"),
        (entry('provider = "openai"'), "models: entry 1: id is missing or no text"),
        (entry("provider = 3"), "models: entry 1: provider is missing or no text"),
        (entry('name = ""', "aliases"), "aliases: entry 1: name is missing or no text"),
        (entry(LUNA) + entry(LUNA), "models: openai/gpt-6-luna stands there twice"),
        (entry('provider = "openai"\nid = "new"'), "models: openai/new: tier: Field required"),
        (entry(NEW + 'tier = "cheap"'), "models: openai/new: tier: Input should be 'economy'"),
        (entry(NEW + "windows = 3"), "models: openai/new: windows: Extra inputs are not permitted"),
        (
            entry(NEW + "prices = [{ since = 2026-11-20 }]"),
            "models: openai/new: prices: 0: input_micro_usd: Field requ",
        ),
        (
            entry(NEW + PRICES.replace("since = 2026-11-20,", "since = 2026-11-20, over_prompt_tokens = 5,")),
            "models: openai/new: the prices of 2026-11-20 need one row for every length",
        ),
        (
            entry(f"{NEW}prices = [{{ since = 2026-11-20, {ROW} }}, {{ since = 2026-11-20, {ROW} }}]"),
            "models: openai/new: the prices of 2026-11-20 need one row for every length",
        ),
        (entry('provider = "openai"\nid = "x"\nbase = "y"'), "models: openai/x: base: there is no model 'y'"),
        (entry('provider = "openai"\nid = "x"\nbase = ["y"]'), "models: openai/x: base: there is no model ['y']"),
        (
            entry('provider = "openai"\nid = "x"\nbase = "openai/y"')
            + entry('provider = "openai"\nid = "y"\nbase = "openai/x"'),
            "models: openai/y: base: leads back to openai/x",
        ),
        (
            entry('provider = "openai"\nid = "x"\nbase = "openai/x"'),
            "models: openai/x: base: leads back to openai/x",
        ),
        (
            entry('provider = "nobody"\nid = "x"\nbase = "openai/gpt-6-luna"'),
            "models: nobody/x: there is no provider 'nobody'",
        ),
        (
            entry(NEW + 'replaced_by = "openai/none"'),
            "models: openai/new: replaced_by: there is no model 'openai/none'",
        ),
        (entry(NEW + 'replaced_by = "openai/new"'), "models: openai/new: replaced_by: leads back to openai/new"),
        (
            entry('name = "x"\ntarget = "openai/none"', "aliases"),
            "aliases: x: target: there is no model 'openai/none'",
        ),
        (
            entry('name = "openai/x"\ntarget = "openai/y"', "aliases")
            + entry('name = "openai/y"\ntarget = "openai/x"', "aliases"),
            "aliases: openai/x: target: there is no model 'openai/y'",
        ),
        (
            entry('id = "My Server"\nname = "x"\ndialect = "openai_chat"', "providers"),
            "providers: My Server: id: String",
        ),
        (entry('id = "x"\nname = "x"\ndialect = "morse"', "providers"), "providers: x: dialect: Input should be"),
        ('failover_order = ["nobody"]', "failover_order: 'nobody' is no provider, or stands there twice"),
        ('failover_order = ["openai", "openai"]', "failover_order: 'openai' is no provider, or stands there twice"),
        ('failover_order = "openai"', "failover_order: must be a list of provider ids"),
        ("failover_order = [3]", "failover_order: must be a list of provider ids"),
        ('reference = "openai/none"', "reference: there is no model 'openai/none'"),
        ("reference = 3", "reference: Input should be a valid string"),
    ],
)
def test_what_does_not_fit_is_named_with_its_entry_and_field(text: str, sentence: str) -> None:
    with pytest.raises(CatalogError) as refused:
        load(text)

    assert str(refused.value).startswith(sentence)
