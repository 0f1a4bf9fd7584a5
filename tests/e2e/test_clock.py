"""The wall clock jumps: values, alarms and issues must go on as if nothing had happened."""
import glob
import os

import pytest

from devices import TcpPeer, Unit
from harness import Daemon, free_port, until
from test_journal import config

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


@pytest.mark.parametrize("before,after", [("+0", "-1h"), ("+400d", "+0"), ("+0", "+3y")])
def test_the_wall_clock_is_put(tmp_path, start, before, after):
    unit = Unit()
    unit.fill("coil", 0, [1])
    unit.fill("holding", 0, [1])
    port = free_port()
    start(TcpPeer({1: unit}, port))
    offset = tmp_path / "offset"
    offset.write_text(before)
    facilityd = Daemon(tmp_path, config(port), shipped=False)
    facilityd.options["env"] = {
        **os.environ, "LD_PRELOAD": LIBRARY[0], "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    start(facilityd)
    until(facilityd.issues, 5, "the issue")
    unit.fill("holding", 0, [2])
    until(lambda: facilityd.point("box-1", "value")["value"] == 2, 5, "a value before")
    offset.write_text(after)
    unit.fill("holding", 0, [3])
    until(lambda: facilityd.point("box-1", "value")["value"] == 3, 5, "a value after")
    assert [issue["alarm_active"] for issue in facilityd.issues()] == [True]
    unit.fill("coil", 0, [0])
    until(lambda: not facilityd.issues()[0]["alarm_active"], 5, "the return to normal")
    unit.fill("coil", 0, [1])
    until(lambda: facilityd.issues()[0]["alarm_active"], 5, "the recurrence")
    assert len(facilityd.issues()) == 1
