"""A receiver of webhooks that fails, hangs, redirects, drips and breaks off,
and in the end takes everything: what OA systems do on bad days."""
import collections
import http.server
import random
import threading
import time

BAD_DAYS = ("error", "hang", "redirect", "drip", "cut", "endless")


class Receiver:
    """`taken` holds (path, headers, body) of what was answered with 204."""

    def __init__(self, seed, patience, pause):
        self.random = random.Random(seed)
        self.patience = patience  # bad answers to one event, at most
        self.pause = pause  # seconds: as long as the sender waits
        self.lock = threading.Lock()
        self.taken = []
        self.bad = collections.Counter()
        self.refused = collections.Counter()  # by path and event
        self.gone = set()  # paths that answer 410
        self.elsewhere = 0  # requests that followed a redirect
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.receive(self)

            def do_GET(self):
                outer.elsewhere += 1
                self.send_error(404)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # the sender has hung up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def mood(self, key):
        with self.lock:
            if (self.refused[key] >= self.patience or
                    self.random.random() < 0.5):
                return "good"
            self.refused[key] += 1
            mood = self.random.choice(BAD_DAYS)
            self.bad[mood] += 1
            return mood

    def receive(self, request):
        length = int(request.headers.get("Content-Length", 0))
        body = request.rfile.read(length).decode()
        if request.path == "/elsewhere":
            self.elsewhere += 1
        if request.path in self.gone:
            self.bad["gone"] += 1
            self.answer(request, 410)
            return
        mood = self.mood((request.path, request.headers["webhook-id"]))
        if mood != "good":
            getattr(self, mood)(request)
            return
        with self.lock:
            self.taken.append((request.path, {
                name.lower(): value
                for name, value in request.headers.items()}, body))
        self.answer(request, 204)

    @staticmethod
    def answer(request, status, **headers):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 204:
            request.send_header("Content-Length", "0")
        request.end_headers()

    def error(self, request):
        self.answer(request, self.random.choice((400, 404, 429, 500, 503)))

    def hang(self, request):
        request.close_connection = True
        time.sleep(2 * self.pause)

    def redirect(self, request):
        self.answer(request, self.random.choice((301, 302, 307, 308)),
                    Location=f"http://127.0.0.1:{self.port}/elsewhere")

    def drip(self, request):
        """A byte now and then, for ever."""
        request.close_connection = True
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        end = time.monotonic() + 2 * self.pause
        while time.monotonic() < end:
            request.wfile.write(b".")
            request.wfile.flush()
            time.sleep(self.pause / 10)

    def cut(self, request):
        """Nothing at all, or half a line."""
        request.close_connection = True
        if self.random.random() < 0.5:
            request.wfile.write(b"HTTP/1.1 20")

    def endless(self, request):
        request.close_connection = True
        request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(64):
            request.wfile.write(b"x" * 65536)
