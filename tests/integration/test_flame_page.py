"""The flame graph as its reader uses it, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clearway.pprof import Frame, Label, Profile, Sample
from clearway.pprof.flame import page
from tests.profiles.browser import browse
from tests.profiles.examples import HEAP, LOAD, MAIN, heap

pytestmark = [pytest.mark.peers("chromium"), pytest.mark.slow]

WIDTH_PX = 1000  # of the graph, in a window of 1032


def seen(tmp_path: Path, script: str, profile: Profile = HEAP) -> Any:
    return browse(page(profile, "heap"), tmp_path, script)


def test_frames_are_as_wide_as_what_they_have(tmp_path: Path) -> None:
    found = dict(seen(tmp_path, "return shown()"))

    assert found["all"] == found["main"] == WIDTH_PX
    assert found["parse"] == round(WIDTH_PX * 4096 / 8596)


def test_other_numbers_give_other_widths(tmp_path: Path) -> None:
    found = dict(seen(tmp_path, 'choose("type", 0); await later(); return shown()'))

    assert found["parse"] == round(WIDTH_PX * 2 / 16)


def test_a_label_leaves_its_samples_alone(tmp_path: Path) -> None:
    script = """
      const options = [...at("label").options].map((each) => each.textContent);
      choose("label", [...at("label").options].find((each) => each.textContent.startsWith("globex")).value);
      await later();
      return [options, shown(), at("about").textContent];
    """
    options, found, about = seen(tmp_path, script)

    assert options == ["any", "acme (59.3 %)", "globex (34.9 %)", "2048 bytes (47.7 %)"]
    assert [name for name, _ in found] == ["all", "main", "Orders.save"]
    assert "2.93 kB of 8.39 kB (34.9 %)" in about
    assert "3 samples were lost" in about


def test_lines_stand_apart_when_they_are_asked_for(tmp_path: Path) -> None:
    two = heap(Sample((LOAD, MAIN), (1, 60)), Sample((LOAD._replace(line=50), MAIN), (1, 40)))
    script = 'const before = shown(); at("lines").click(); await later(); return [before, shown()]'
    before, after = seen(tmp_path, script, two)

    assert before == [["all", 1000], ["main", 1000], ["Orders.load", 1000]]
    assert after == [["all", 1000], ["main:12", 1000], ["Orders.load:41", 600], ["Orders.load:50", 400]]


def test_a_click_zooms_and_the_button_goes_back(tmp_path: Path) -> None:
    script = """
      named("Orders.save").dispatchEvent(new MouseEvent("click"));
      await later();
      const inside = shown(), could = !at("reset").disabled;
      at("reset").click();
      await later();
      return [inside, could, shown(), at("reset").disabled];
    """
    inside, could, after, cannot = seen(tmp_path, script)

    assert dict(inside) == {"all": 1000, "main": 1000, "Orders.save": 1000}
    assert could
    assert cannot
    assert len(after) == len(seen(tmp_path, "return shown()"))


def test_a_search_marks_and_adds_up(tmp_path: Path) -> None:
    script = """
      write("search", "orders\\\\.LOAD");
      await later();
      const marked = frames().filter((each) => each.querySelector("rect").getAttribute("fill") === MATCH);
      const told = at("found").value;
      write("search", "(");
      const broken = at("search").getAttribute("aria-invalid");
      write("search", "");
      await later();
      return [marked.map((each) => each.getAttribute("name")), told, broken, at("found").value];
    """
    marked, told, broken, after = seen(tmp_path, script)

    assert set(marked) == {"Orders.load"}
    assert told == "5.46 kB found, 65.1 %"
    assert broken == "true"
    assert after == ""


def test_a_difference_shows_what_grew_or_what_shrank(tmp_path: Path) -> None:
    change = heap(Sample((LOAD,), (1, 300)), Sample((MAIN,), (-1, -200)))
    script = 'const grew = shown(); choose("sign", -1); await later(); return [grew, shown()]'
    grew, shrank = seen(tmp_path, script, change)

    assert grew == [["all", 1000], ["Orders.load", 1000]]
    assert shrank == [["all", 1000], ["main", 1000]]


def test_an_empty_profile_says_so(tmp_path: Path) -> None:
    text = seen(tmp_path, 'return at("chart").textContent', replace(HEAP, samples=()))

    assert text == "Nothing to show here."


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    odd = "</script><img src=x onerror=alert(1)><!--<script>{{title}}"
    script = 'return [shown().map((each) => each[0]), document.images.length, at("label").textContent]'
    profile = heap(Sample((Frame(odd, odd, 1),), (1, 1), (Label(odd, odd),)))
    names, images, label = browse(page(profile, odd), tmp_path, script)

    assert names == ["all", odd]
    assert images == 0
    assert odd in label


def test_a_large_profile_is_drawn(tmp_path: Path) -> None:
    frames = [Frame(f"f{n}", f"m{n % 50}.py", n) for n in range(500)]
    stacks = [tuple(frames[(n * 7 + depth * (n % 13)) % 500] for depth in range(40)) for n in range(3_000)]
    profile = heap(*(Sample(stack, (1, n)) for n, stack in enumerate(stacks)))

    assert len(seen(tmp_path, "return shown()", profile)) > 100
