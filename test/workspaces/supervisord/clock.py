"""Writes to both of its streams."""

import sys
import time

print("the clock is set")
print("no battery", file=sys.stderr)
while True:
    time.sleep(1)
    print(time.strftime("it is %H:%M:%S"))
