"""A file of 100,000 rows on the page: the server pages, the tab holds a page; measured in a real browser.

The server answers from this process, so what it takes is told as time of the processor, and a busy machine is no fault.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

ROWS = int(os.environ.get("WENI_LARGE", "100000"))
PAGE = 100
TAB_MB = 200
CHECK_S, GRID_S = 3.0, 0.3
TRIES = 2


def work_s(act: Callable[[], object]) -> float:
    """Seconds that this process, and so the page, works for something, in the quickest of some tries."""
    times = []
    for _ in range(TRIES):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


def tab_mb(shown, chromium) -> float:
    """What the largest process that shows a tab holds, of shared memory its share, once its garbage is collected."""
    of_tab, of_all = shown.context.new_cdp_session(shown), chromium.new_browser_cdp_session()
    of_tab.send("HeapProfiler.collectGarbage")
    processes = of_all.send("SystemInfo.getProcessInfo")["processInfo"]
    of_tab.detach()
    of_all.detach()
    rollups = [Path(f"/proc/{one['id']}/smaps_rollup") for one in processes if one["type"] == "renderer"]
    return max(
        int(re.search(r"^Pss:\s+(\d+) kB", rollup.read_text(), re.MULTILINE)[1]) / 1024
        for rollup in rollups
        if rollup.exists()
    )


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is told elsewhere here")
def test_a_hundred_thousand_rows(tab, chromium, page, browser):
    lines = (
        f"Nome {n},82{900_000_000 + n},{'ana@example.com' if n % 50 else 'bia(at)example.com'},Recife,texto {n}"
        for n in range(ROWS)
    )
    content = "\n".join(["Nome,Celular,E-mail,Cidade,Observações", *lines])
    here = browser.bring(content, "grande.csv")
    browser.until(here, "columns")
    browser.post(f"{here}/columns", data={})
    browser.until(f"{here}/check", "check")
    last = ROWS - PAGE
    views = (
        "", f"?status=invalid&start={ROWS // 50 - PAGE}", f"?start={last // 2}", f"?start={last}",
        f"?row={ROWS // 3}", f"?kind=C:urn-invalid&start={ROWS // 100}",
    )  # fmt: skip
    times = {"check": work_s(lambda: browser.get(f"{here}/check"))}
    times |= {view: work_s(lambda view=view: browser.get(f"{here}/grid{view}")) for view in views}
    # the same in a tab, which never holds more than a page
    shown = tab()
    shown.goto(page.url)
    shown.goto(f"{page.address.rstrip('/')}{here}/check")
    taken = [tab_mb(shown, chromium)]
    for _ in range(2):
        for view in (f"?start={last}", f"?start={last // 2}", "?status=invalid", ""):
            shown.goto(f"{page.address.rstrip('/')}{here}/check{view}")
            assert shown.locator("table.grid tbody tr").count() == PAGE
    for turned in range(1, 9):
        shown.locator(".pager a[rel=next]").click()
        shown.locator(".pager .where").filter(has_text=f"{turned * PAGE + 1:,}–").wait_for()
    assert shown.locator("table.grid tbody tr").count() == PAGE
    taken.append(tab_mb(shown, chromium))
    print(f"\nseconds: {times}\nMB: {taken}")
    assert max(taken) < TAB_MB
    assert times.pop("check") < CHECK_S
    assert max(times.values()) < GRID_S
