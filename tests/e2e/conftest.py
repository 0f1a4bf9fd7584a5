"""Fixtures: everything that a test starts is ended when it ends, however it ends."""
import pytest

from far_away import FarAway
from harness import Daemon, Process


@pytest.fixture
def start(tmp_path):
    """start(process) starts it and stops it after the test."""
    running = []

    def begin(process, **options):
        running.append(process)
        process.start(**options)
        return process

    yield begin
    for process in reversed(running):
        process.kill()


@pytest.fixture
def daemon(tmp_path, start):
    """daemon(config) is a running facilityd."""

    def begin(config, ready=True, **options):
        return start(Daemon(tmp_path, config, **options), ready=ready)

    return begin


@pytest.fixture
def process(tmp_path, start):
    """process(name, arguments...) is a running program."""

    def begin(name, *arguments, **options):
        return start(Process(arguments, tmp_path / f"{name}.log", **options))

    return begin


@pytest.fixture
def far_away():
    """A network of its own, so that a device can vanish without a word."""
    network = FarAway()
    yield network
    network.close()
