"""A mistake in a configuration is told with its key, its line and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from clearway.gateway import parse_gateway
from clearway.gateway.config import ConfigError, read_config

CASES = Path(__file__).with_name("config_errors")
SECRET = "a-secret-of-more-than-thirty-two-bytes"
FINE = """
[[routes]]
path = "/"
respond = {}
"""


def problems(text: str, folder: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_gateway(dedent(text), folder=folder, environ={"JWT_SECRET": SECRET, "SHORT": "short"})
    return [str(each) for each in caught.value.problems]


def cases() -> Iterator[object]:
    """Give each pair of a configuration and the lines that it gets, from the files beside this one."""
    for page in sorted(CASES.glob("*.txt")):
        for number, case in enumerate(page.read_text().split("========\n")[1:], 1):
            text, _, lines = case.partition("--------\n")
            yield pytest.param(text, lines.splitlines(), id=f"{page.stem}-{number}")


@pytest.mark.parametrize(("text", "lines"), [*cases()])
def test_a_mistake_is_told(text: str, lines: list[str]) -> None:
    assert problems(text if "[[routes]]" in text else text + FINE) == lines


@pytest.mark.parametrize(
    ("text", "line"), [("", "routes: is missing"), ("routes = []", "routes (line 1): must not be empty")]
)
def test_a_gateway_without_routes_is_refused(text: str, line: str) -> None:
    assert problems(text) == [line]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
        listen = "here"
        plugs = [{ use = "bearer", key_file = "none.pem" }, { use = "rate_limit", rate = "x" }]
        [upstreams.orders]
        targets = ["127.0.0.1"]
        [[routes]]
        path = "/"
        upstream = "order"
        """

    assert [each.partition(": ")[0] for each in problems(text)] == [
        "listen (line 1)",
        "plugs[0].key_file (line 2)",
        "plugs[1].rate (line 2)",
        "upstreams.orders.targets[0] (line 4)",
        "routes[0].upstream (line 7)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f'plugs = [{{ use = "bearer", secret = "{SECRET}" }}]{FINE}',
        f'plugs = [{{ use = "bearer", secret_env = "{SECRET}" }}]{FINE}',
        f'plugs = [{{ use = "bearer", secret_env = ["{SECRET}"] }}]{FINE}',
        f'plugs = [{{ use = "basic_auth", users = {{ acme = "{SECRET}" }} }}]{FINE}',
        f'plugs = [{{ use = "basic_auth", password = "{SECRET}" }}]{FINE}',
        f'plugs = [{{ use = "basic_auth", users = "{SECRET}" }}]{FINE}',
        f'client_secret = "{SECRET}"{FINE}',
        f'secret = "{SECRET}',
        f'users = {{ a = "{SECRET}" b }}',
    ],
)
def test_a_secret_is_never_shown(text: str) -> None:
    assert SECRET not in "".join(problems(text))


def test_a_secret_in_the_file_is_refused_with_a_way_out() -> None:
    told = problems(f'plugs = [{{ use = "bearer", secret = "{SECRET}", jwks_file = "/x" }}]{FINE}')

    assert told[0].partition(": ")[2] == (
        "secrets do not stand in a configuration: name an environment variable, or a file"
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('a = "b', "line 1: the text is not closed: a quote is missing before the end of the line", 6),
        ("a = 1\na = 2", "line 2: this key was set before", 5),
        ("[a]\n[a]", "line 2: this table was declared before", 2),
        ("a = localhost", "line 1: this is no value: texts stand in quotes", 4),
        ("a = 1.2.3", "line 1: the value ends here: texts stand in quotes", 7),
    ],
)
def test_what_is_not_toml_is_shown_with_its_place(text: str, line: str, column: int) -> None:
    shown = text.splitlines()[-1]

    assert problems(f"{text}\n") == [f"{line}\n\n    {shown}\n    {' ' * column}^"]


def test_a_file_that_ends_too_early_is_told() -> None:
    assert problems("a = [1,\n2") == ["line 2: unclosed array, and the file ends"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: No such file or directory$"):
        read_config(tmp_path / "none.toml")


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"a = 1\nb = '\xff'\n")

    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "a.toml")

    assert [str(each) for each in caught.value.problems] == ["line 2: is not UTF-8"]


def test_the_report_names_the_file_and_counts() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_gateway("plugz = []\n", "gateway.toml")

    assert str(caught.value) == (
        "gateway.toml has 2 mistakes\n"
        "\n  routes: is missing"
        "\n  plugz (line 1): is not a key of this table; did you mean 'plugs'?"
    )
