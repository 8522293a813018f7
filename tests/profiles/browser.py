"""A page in headless Chromium: what it shows after a script has run in it."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["browse"]

ANSWER = re.compile(r'<pre id="answer">(.*?)</pre>', re.DOTALL)
# The answer waits until all transitions have ended; virtual time makes that quick.
SCRIPT = """
<pre id="answer"></pre>
<script>
  const choose = (id, value) => { at(id).value = value; at(id).dispatchEvent(new Event("change")); };
  const write = (id, value) => { at(id).value = value; at(id).dispatchEvent(new Event("input")); };
  const frames = () => [...document.querySelectorAll("g.frame")];
  const named = (name) => frames().find((each) => each.getAttribute("name") === name);
  const cell = (each) => [each.getAttribute("name"), Math.round(each.getAttribute("width"))];
  const shown = () => frames().map(cell);
  const tell = (value) => { at("answer").textContent = JSON.stringify(value); };
  const later = () => new Promise((done) => setTimeout(done, 2000));
  onerror = (text) => tell({ error: text });
  (async () => { await later(); tell(await (async () => { %s })()); })();
</script>
"""


def browse(page: str, folder: Path, script: str, *, size: str = "1032,800") -> Any:
    """Return what `script` returns when it runs in `page`, as JSON."""
    path = folder / "page.html"
    path.write_text(page + SCRIPT % script)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}"]
    done = subprocess.run(
        [
            "chromium",
            *options,
            f"--user-data-dir={folder}",
            "--virtual-time-budget=20000",
            "--dump-dom",
            str(path),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = ANSWER.search(done.stdout)
    assert found is not None, done.stderr
    return json.loads(html.unescape(found[1]))
