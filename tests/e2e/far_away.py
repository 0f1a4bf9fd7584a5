"""A second network on this machine: a device there can vanish as one whose supply fails,
which on the loopback nothing can: packets to it are lost, and none says so."""
import ctypes
import os
import subprocess
import threading

HERE, THERE = "198.18.0.1/30", "198.18.0.2/30"  # for tests between networks (RFC 2544)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=10)


class FarAway:
    def __init__(self):
        self.name = f"far{os.getpid()}"
        self.near = f"fa{os.getpid()}"
        ip("netns", "add", self.name)
        ip("link", "add", self.near, "type", "veth", "peer", "name", "far", "netns", self.name)
        ip("addr", "add", HERE, "dev", self.near)
        ip("link", "set", self.near, "up")
        self.there("addr", "add", THERE, "dev", "far")
        self.there("link", "set", "far", "up")

    def there(self, *arguments):
        ip("-n", self.name, *arguments)

    def device(self, device):
        """Makes it listen there; its sockets stay there, whoever uses them."""
        listen = device.listen

        def listen_there():
            failed = []

            def run():
                try:
                    with open(f"/run/netns/{self.name}", encoding="ascii") as network:
                        libc = ctypes.CDLL(None, use_errno=True)
                        if libc.setns(network.fileno(), 0) != 0:
                            raise OSError(ctypes.get_errno(), "setns")
                    listen()
                except OSError as error:
                    failed.append(error)

            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            assert not failed, failed

        device.listen = listen_there
        return device

    def vanish(self):
        self.there("addr", "del", THERE, "dev", "far")

    def return_(self):
        self.there("addr", "add", THERE, "dev", "far")

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.near], check=False, capture_output=True)
