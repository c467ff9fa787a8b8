"""The processes of a bench: programs, nginx, and what they cost."""

import os
import re
import select
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    """utime + stime of a process, all its threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024


def children(pid):
    """A process's children, theirs too."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        pids = [int(n) for n in f.read().split()]
    for child in list(pids):
        pids += children(child)
    return pids


class Process:
    """One started process; its log is a file in the bench's folder."""

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name = name
        self.argv = argv
        self.log = log
        self.env = {**os.environ, **(env or {})}
        self.cwd = cwd
        self.child = None

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.argv, stdout=log, stderr=log, env=self.env, cwd=self.cwd)

    def pids(self):
        return [self.child.pid] + children(self.child.pid)

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def rss(self):
        return rss_mb(self.child.pid)

    def stop(self):
        """Ask it to end; returns how long that took, in seconds."""
        start = time.monotonic()
        if self.child is None or self.child.poll() is not None:
            return 0.0
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        return time.monotonic() - start

    def wait_socket(self, path, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as s:
                try:
                    s.connect(path)
                    return
                except OSError:
                    pass
            if self.child.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit(f"{self.name}没有启动，见 {self.log}")


class Minsheng(Process):
    """The program itself: its log says when it is ready."""

    def __init__(self, name, program, data, folder, env=None, **settings):
        self.socket = f"{folder}/{name}.sock"
        self.data = data
        argv = [program, "serve", f"--data={data}", f"--listen={self.socket}"]
        argv += [f"--{key}={value}" for key, value in settings.items()]
        super().__init__(name, argv, f"{folder}/{name}.log", env)

    def start(self):
        """Returns the milliseconds from fork to ready."""
        begin = time.monotonic()
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.argv, stdout=log, stderr=subprocess.PIPE, env=self.env)
            seen = b""
            while b'msg="ready"' not in seen:
                if not select.select([self.child.stderr], [], [], 30)[0]:
                    raise SystemExit(f"{self.name}没有在30秒内就绪")
                piece = os.read(self.child.stderr.fileno(), 65536)
                seen += piece
                log.write(piece)
                if piece == b"":
                    raise SystemExit(
                        f"{self.name}没有启动：{seen.decode(errors='replace')}")
        ready = (time.monotonic() - begin) * 1000
        # Somebody has to read the pipe from here on.
        self.drain = subprocess.Popen(
            ["tee", "-a", self.log], stdin=self.child.stderr,
            stdout=subprocess.DEVNULL)
        self.child.stderr.close()
        return ready

    def stop(self):
        took = super().stop()
        if self.child is not None:
            self.drain.wait()
        return took

    def take_data(self):
        """Stop, and leave the data to somebody else."""
        self.stop()
        return self.data
