"""Stands for a web server: says what it does and ends on SIGTERM."""

import signal
import sys
import time


def end(_number, _frame):
    print("web %s takes its leave" % sys.argv[1])
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, lambda _number, _frame: print("web %s reads its settings again" % sys.argv[1]))
print("web %s is up" % sys.argv[1])
while True:
    time.sleep(60)
