#!/usr/bin/env python3
"""
Runs the conformance tests of Eclipse Paho against a broker, and prints a table of what passes.

    git clone https://github.com/eclipse-paho/paho.mqtt.testing /tmp/paho
    ./mvnw -DskipTests package && tar xzf assembly/target/sluice-broker-*.tar.gz -C /tmp
    broker-plugin/src/test/conformance/paho.py /tmp/paho sluice /tmp/sluice-broker-*
    broker-plugin/src/test/conformance/paho.py /tmp/paho mosquitto
    broker-plugin/src/test/conformance/paho.py /tmp/paho at 127.0.0.1:1883

Each test runs alone, in a process and with a broker that was started for it; only "at" uses one that runs already. The
packets of each test and what the broker logged are left in the folder that --logs names. The exit code is the number of
tests that fail and that --expect does not name, at most 100.
"""

import argparse
import concurrent.futures
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

SUITES = {"client_test5": "MQTT 5", "client_test": "MQTT 3.1.1"}
LIMIT_SECONDS = 90

# test_server_keep_alive wants to be told this.
SERVER_KEEP_ALIVE_SECONDS = 60

# Runs in the process of one test: the suite's own main would read the options of unittest as its own.
ONE_TEST = """
import importlib, logging, sys, unittest
name, test, host, port = sys.argv[1:]
suite = importlib.import_module(name)
suite.host, suite.port = host, int(port)
suite.topics = ("TopicA", "TopicA/B", "Topic/C", "TopicA/C", "/TopicA")
suite.wildtopics = ("TopicA/+", "+/C", "#", "/#", "/+", "+/+", "TopicA/#")
suite.nosubscribe_topics = ("test/nosubscribe",)
suite.topic_prefix = "client_test5/"
logging.basicConfig(format="%(asctime)s %(message)s", level=logging.DEBUG)
logging.getLogger("mqtt-client").setLevel(logging.DEBUG)
logging.getLogger("mqtt-client").handlers.clear()
outcome = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite([suite.Test(test)]))
sys.stderr.flush()
import os
os._exit(0 if outcome.wasSuccessful() else 1)
"""

LIST_TESTS = """
import importlib, sys, unittest
print("\\n".join(unittest.TestLoader().getTestCaseNames(importlib.import_module(sys.argv[1]).Test)))
"""


class Sluice:
    """The standalone broker, from its unpacked archive."""

    def __init__(self, home):
        self.home = pathlib.Path(home).resolve()

    def command(self, folder, port):
        (folder / "broker.conf").write_text(
            f"host 127.0.0.1\nport {port}\nsluice.buffer.dir {folder}/data\n"
            f"sluice.broker.keep.alive.max.seconds {SERVER_KEEP_ALIVE_SECONDS}\n")
        return [str(self.home / "bin/sluice-broker"), "--config", str(folder / "broker.conf")]


class Mosquitto:
    """Mosquitto as it is installed."""

    def command(self, folder, port):
        (folder / "broker.conf").write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_keepalive {SERVER_KEEP_ALIVE_SECONDS}\n")
        return ["mosquitto", "-c", str(folder / "broker.conf")]


class Started:
    """A broker that was started for one test."""

    def __init__(self, kind, log):
        self.kind, self.log, self.host, self.port = kind, log, "127.0.0.1", free_port()

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="paho-")
        command = self.kind.command(pathlib.Path(self.folder.name), self.port)
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while not answers(self.host, self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The broker does not start, see {self.log}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


class Running:
    """A broker that runs already."""

    def __init__(self, address):
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(host, port):
    """Whether a client is let in: the suite gives a broker that has just started half a second."""
    try:
        with socket.create_connection((host, port), 1) as client:
            client.settimeout(5)
            client.sendall(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04warm")
            return len(client.recv(4)) == 4
    except OSError:
        return False


def tests(checkout, suite):
    listed = subprocess.run([sys.executable, "-c", LIST_TESTS, suite], cwd=checkout, text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    return [line for line in listed.splitlines() if line.startswith("test")]


def run(checkout, suite, test, broker, log):
    """How a test ended: an empty text if it passed, else the last line that it printed."""
    with broker as address, open(log, "w+") as output:
        try:
            code = subprocess.run([sys.executable, "-c", ONE_TEST, suite, test, address.host, str(address.port)],
                                  cwd=checkout, stdout=output, stderr=output, timeout=LIMIT_SECONDS).returncode
        except subprocess.TimeoutExpired:
            return f"does not end within {LIMIT_SECONDS} seconds"
        if code == 0:
            return ""
        output.seek(0)
        errors = [line.strip() for line in output
                  if not line.startswith((" ", "Traceback")) and "Error" in line.split(" ")[0]]
        # Where a test catches its own error, unittest only sees that a flag is false.
        telling = [line for line in errors if "False != True" not in line]
        return (telling or errors or ["fails"])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=pathlib.Path, help="a checkout of paho.mqtt.testing")
    parser.add_argument("kind", choices=["sluice", "mosquitto", "at"])
    parser.add_argument("where", nargs="?", help="the broker's unpacked archive, or host:port")
    parser.add_argument("--only", help="run the tests whose name contains this")
    parser.add_argument("--parallel", type=int, default=2, help="tests at a time, each with a broker (default 2)")
    parser.add_argument("--logs", type=pathlib.Path, help="where packets and logs are left")
    parser.add_argument("--expect", default="", help="comma-separated names of tests that may fail")
    options = parser.parse_args()
    if (options.where is None) != (options.kind == "mosquitto"):
        parser.error("sluice needs the folder of its archive, and at needs host:port; mosquitto needs neither")
    checkout = options.checkout / "interoperability"
    logs = options.logs or pathlib.Path(tempfile.mkdtemp(prefix="paho-logs-"))
    logs.mkdir(parents=True, exist_ok=True)

    def broker(name):
        if options.kind == "at":
            return Running(options.where)
        return Started(Sluice(options.where) if options.kind == "sluice" else Mosquitto(), logs / f"{name}.broker.log")

    wanted = [(suite, test) for suite in SUITES for test in tests(checkout, suite)
              if options.only is None or options.only in test]
    workers = 1 if options.kind == "at" else options.parallel
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        ends = list(pool.map(lambda one: run(checkout, *one, broker(".".join(one)), logs / f"{'.'.join(one)}.log"),
                             wanted))
    unexpected = 0
    for suite, title in SUITES.items():
        rows = [(test, end) for (its, test), end in zip(wanted, ends) if its == suite]
        print(f"\n{title}: {sum(not end for _, end in rows)} of {len(rows)} pass")
        for test, end in rows:
            expected = f"{suite}.{test}" in options.expect.split(",")
            unexpected += bool(end) and not expected
            print(f"  {test:34}{'pass' if not end else 'FAIL: ' + end[:120]}{' (expected)' if end and expected else ''}")
    print(f"\nPackets and logs: {logs}")
    sys.exit(min(unexpected, 100))


main()
