"""An event listener as supervisord knows them: writes what it hears to its stderr."""

import sys


while True:
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    header = dict(token.split(":") for token in sys.stdin.readline().split())
    payload = sys.stdin.read(int(header["len"]))
    sys.stderr.write("%s %s\n" % (header["eventname"], payload.replace("\n", " ")))
    sys.stderr.flush()
    sys.stdout.write("RESULT 2\nOK")
    sys.stdout.flush()
