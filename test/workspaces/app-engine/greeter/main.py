import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Greeter(BaseHTTPRequestHandler):
    def do_GET(self):
        is_env = self.path.split("?")[0].endswith("/env")
        body = json.dumps(dict(os.environ)) if is_env else f"greeter: {os.environ['GREETING']}\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if is_env else "text/plain")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *words):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Greeter).serve_forever()
