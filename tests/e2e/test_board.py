"""The board of the demo compound in a real browser: live, honest when it is not, and usable
by thumb and in two languages."""
import re
import time

import pytest
from selenium.common.exceptions import WebDriverException

from browser import open_browser
from demo import Demo
from harness import until

FRESH_MS = 3000  # nothing on the demo's board is older
SOON_S = 10      # after facilityd was started
LANGUAGES = {"zh-CN": "看板", "en": "Board"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    made = Demo(tmp_path_factory.mktemp("demo"), quick=True)
    try:
        yield made.start()
    finally:
        made.kill()


@pytest.fixture(scope="module")
def facilityd(demo):
    if not demo.facilityd.alive():
        demo.facilityd.start()
    return demo.facilityd


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = open_browser(tmp_path_factory.mktemp("browser"))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


def url(facilityd, path, language="en"):
    glue = "&" if "?" in path else "?"
    return f"http://127.0.0.1:{facilityd.port}{path}{glue}lang={language}"


def youngest(facilityd):
    """Equipment on the board -> age of its newest value in ms; None without a value."""
    _, text = facilityd.get("/?lang=en", raw=True)
    now = int(re.search(r'data-now="(\d+)"', text).group(1))
    cards = re.findall(r'<li class="card [^>]*data-equipment="([^"]+)">(.*?)</li>', text, re.S)
    return {name: min([now - int(at) for at in re.findall(r'data-at="(\d+)"', card)
                       if at != "0"], default=None) for name, card in cards}


def too_old(facilityd):
    return {name: age for name, age in youngest(facilityd).items()
            if age is None or age >= FRESH_MS}


def script(browser, text):
    """The value of a script; None while the browser is between two pages."""
    try:
        return browser.execute_script(text)
    except WebDriverException:
        return None


def is_live(browser):
    return script(browser, "return document.getElementById('live').dataset.state") == "on"


def shown(browser, selector):
    return script(browser, f"return document.querySelector({selector!r})?.textContent") or ""


def click(browser, selector):
    """Where the bar at the top of the page does not cover it."""
    element = browser.find_element("css selector", selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def errors(browser):
    return [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"]


def test_everything_is_live_soon(demo):
    facilityd = demo.facilityd
    began = time.monotonic()
    facilityd.start(ready=False)

    def complete():
        ages = youngest(facilityd)
        assert ages and not [age for age in ages.values() if age is None or age >= FRESH_MS], ages
        return ages

    ages = until(complete, SOON_S, "every equipment with a fresh value", every=0.1)
    assert time.monotonic() - began < SOON_S
    assert set(ages) == {e["id"] for e in demo.plant.status()["equipment"]}
    worst = {}
    for _ in range(25):  # and it stays so
        for name, age in too_old(facilityd).items():
            worst[name] = max(age or 10**9, worst.get(name, 0))
        time.sleep(0.2)
    assert worst == {}
    assert facilityd.issues() == []


def test_live_without_reload(facilityd, browser, demo):
    browser.get(url(facilityd, "/"))
    until(lambda: is_live(browser), 10, "the stream")
    browser.execute_script("window.kept = 'this document'")
    value = "#e-feeder-0 [data-point=v_l1]"
    first = shown(browser, f"{value} .number")
    until(lambda: shown(browser, f"{value} .number") not in ("", first), 15, "another voltage")
    card = "return document.getElementById('e-leak-1').className"
    assert "is-up" in script(browser, card)
    demo.plant.scenario("leak-cable")
    until(lambda: "is-up" not in (script(browser, card) or "is-up"), 15, "the leak on its card")
    until(lambda: "Water at the leak detector" in shown(browser, "#e-leak-1 .card-issue"), 10,
          "the issue on its card")
    assert script(browser, "return window.kept") == "this document"
    assert errors(browser) == []


def test_actions_by_clicking(facilityd, browser):
    """From the card to the issue, and through its life."""
    browser.get(url(facilityd, "/"))
    click(browser, "#e-leak-1 .card-issue a")
    until(lambda: "Water at the leak detector" in shown(browser, "h1"), 10, "the issue's page")
    assert "leak" in shown(browser, "#evidence")
    issue = facilityd.issues(equipment="leak-1")[0]["id"]
    assert issue in browser.current_url
    browser.find_element("css selector", "#actions textarea").send_keys("Going to look <b>now</b>")
    steps = (("acknowledge", "acknowledged"), ("start", "in_progress"), ("resolve", "resolved"),
             ("close", "closed"), ("reopen", "reopened"))
    for action, status in steps:
        click(browser, f"#actions button[value={action}]")
        until(lambda s=status: facilityd.get(f"/api/v1/issues/{issue}")["status"] == s, 10, status)
        until(lambda s=status: script(
            browser, f"return document.querySelector('.status-{s}') !== null"), 10,
              f"{status} on the page")
    assert "Going to look <b>now</b>" in shown(browser, "#timeline")
    events = facilityd.get(f"/api/v1/issues/{issue}")["events"]
    assert [e["action"] for e in events if e["action"] in dict(steps)] == [a for a, _ in steps]
    assert errors(browser) == []


def test_says_when_it_is_not_live(facilityd, browser):
    browser.get(url(facilityd, "/"))
    until(lambda: is_live(browser), 10, "the stream")
    browser.execute_script("window.kept = 'this document'")
    hidden = "return document.getElementById('lost').hidden"
    assert script(browser, hidden) is True
    facilityd.kill()
    until(lambda: script(browser, hidden) is False, 10, "the bar")
    until(lambda: re.fullmatch(r"No live data for 00:\d\d, retrying", shown(browser, "#lost")), 5,
          "the bar's words")
    assert script(browser, "return document.body.hasAttribute('data-lost')")
    facilityd.start()
    until(lambda: script(browser, hidden) is True and is_live(browser), 15, "live again")
    value = "#e-feeder-0 [data-point=v_l1] .number"
    first = shown(browser, value)
    until(lambda: shown(browser, value) not in ("", first), 15, "another voltage")
    assert script(browser, "return window.kept") == "this document"
    browser.get_log("browser")  # the refused connections are the browser's own words


def pages(facilityd):
    issue = facilityd.issues()[0]["id"]
    return ["/", "/?group=class", "/?state=fault", "/equipment/pump-1", "/equipment/lift-1",
            "/equipment/lift-3?range=7d", "/equipment/feeder-0", "/equipment/meter-w1",
            "/equipment/fire-1", "/equipment/leak-3", "/equipment/riser-a", "/issues",
            "/issues?status=all", "/issues/new?equipment=pump-1", f"/issues/{issue}",
            "/reports/failure-rate", "/diagnostics", "/links/riser-a"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(facilityd, browser, language):
    """No script error, no violation of the policy, nothing to scroll sideways."""
    wide, wrong = [], []
    try:
        for path in pages(facilityd):
            browser.get(url(facilityd, path, language))
            until(lambda: is_live(browser), 10, f"{path} live")
            assert script(browser, "return document.documentElement.lang") == language, path
            assert LANGUAGES[language] in shown(browser, "body"), path
            for width in (320, 390, 1440):
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                    "width": width, "height": 800, "deviceScaleFactor": 1,
                    "mobile": width < 700})
                found = script(browser, "return document.documentElement.scrollWidth")
                if found > width:
                    wide.append((path, width, found))
            wrong += [(path, entry["message"]) for entry in errors(browser)]
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert (wide, wrong) == ([], [])


def test_report_page(facilityd, browser):
    browser.get(url(facilityd, "/reports/failure-rate"))
    report = facilityd.get("/api/v1/reports/failure-rate")
    rows = script(browser, "return [...document.querySelectorAll('.report-table tbody th a')]"
                  ".map((a) => a.getAttribute('href'))")
    for equipment in report["equipment"]:
        assert f"/equipment/{equipment['id']}" in rows, equipment["id"]
    text = shown(browser, "main")
    assert report["month"] in text and report["definitions"]["en"][0]["sentence"] in text
    browser.get(url(facilityd, "/reports/failure-rate", "zh-CN"))
    assert report["definitions"]["zh-CN"][0]["sentence"] in shown(browser, "main")
    click(browser, ".filters a.button")  # the month before
    until(lambda: "month=" in browser.current_url, 10, "the month before")
    assert errors(browser) == []
