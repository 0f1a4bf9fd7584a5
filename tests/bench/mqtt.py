"""make bench, MQTT: CPU of the whole chain per JSON message, beside a program that only receives.

The flooder publishes {"ts":...,"seq":...,"v":...} on 500 topics. One after the other take it:
  paho        the same library, counting (tests/bench/paho_receive.c), before and after
  facilityd   one equipment per topic with a rule each, history and one sink that accepts
"""
import pathlib
import subprocess
import tempfile
import time

from brokers import Broker, Flood
from harness import OUT, Daemon, until

TOPICS = 500
REQUESTS = 'facilityd_link_requests_total{link="broker"}'


def config(port, sink_port):
    equipment = ",\n".join(f'{{ id = "m{i}"; profile = "meter"; link = "broker"; }}'
                           for i in range(TOPICS))
    return f"""
site : {{ id = "bench"; timezone = "UTC"; language = "en"; }};
profiles = ( {{ id = "meter"; class = "sensor";
  points = ( {{ name = "v"; path = "v"; time = "ts"; sequence = "seq"; }} ); }} );
links = ( {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; qos = 0;
  topics = "plant/{{equipment}}/state"; max_rate = 1000; }} );
equipment = ( {equipment} );
rules = ( {{ id = "bench.high"; class = "sensor"; kind = "fault"; category = "facilities";
  severity = "minor"; title : {{ en = "High"; zh = "高"; }};
  when = "v > 1e9"; clear = "v < 5e8"; }} );
sinks = ( {{ id = "sink"; type = "victoriametrics"; url = "http://127.0.0.1:{sink_port}";
  flush = "1s"; gzip = false; }} );
"""


def receive(port, seconds):
    done = subprocess.run([str(OUT / "tests/bench/paho_receive"), str(port), "plant/+/state", "0",
                           str(seconds)], capture_output=True, text=True, check=True,
                          timeout=seconds + 60)
    got = dict(part.split("=") for part in done.stdout.split())
    return {"cpu": float(got["cpu_s"]) / seconds * 100, "us": float(got["us_per_message"]),
            "rss": int(got["rss_kb"]) / 1024, "values": int(got["messages"]) / seconds}


def run_facilityd(folder, port, seconds, sink_port, measure, rss_mb):
    daemon = Daemon(folder / "facilityd", config(port, sink_port))
    daemon.start()
    try:
        until(lambda: daemon.metrics()[REQUESTS] > 2 * TOPICS, 20, "every topic read")
        began, before = time.monotonic(), daemon.metrics()
        share = measure(daemon.pid, seconds)
        after = daemon.metrics()
        took = time.monotonic() - began
        messages = after[REQUESTS] - before[REQUESTS]
        dropped = sum(value for name, value in after.items()
                      if name.startswith("facilityd_link_dropped")) + after[
                          "facilityd_samples_dropped_total"]
        return {"cpu": share, "us": share * took * 1e4 / max(messages, 1),
                "rss": rss_mb(daemon.pid), "values": messages / took, "dropped": dropped}
    finally:
        daemon.stop()


def bench(rate, seconds, sink_port, tools):
    """`tools`: measure, rss_mb, show and ratio of run.py."""
    measure, rss_mb, show, ratio = tools
    print(f"\n{rate} MQTT messages/s on {TOPICS} topics, {seconds} s each")
    print(f"  {'program':<10} {'CPU':>9} {'us/msg':>8} {'RSS MB':>8} {'messages/s':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        broker = Broker(folder, extra="max_queued_messages 0\n").start()
        flood = Flood(broker.port, rate, 3 * seconds + 60, TOPICS, "plant/m%u/state")
        try:
            first = receive(broker.port, seconds)
            show("paho", first)
            ours = run_facilityd(folder, broker.port, seconds, sink_port, measure, rss_mb)
            show("facilityd", ours)
            second = receive(broker.port, seconds)
            show("paho", second)
        finally:
            flood.kill()
            broker.kill()
    print(f"  dropped: {ours['dropped']:.0f}")
    ratio("CPU per message, times only receiving", ours["us"] / ((first["us"] + second["us"]) / 2),
          2.0, 1.4)
