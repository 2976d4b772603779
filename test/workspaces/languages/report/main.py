import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Report(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"Hello from Python {sys.version.split()[0]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Report).serve_forever()
