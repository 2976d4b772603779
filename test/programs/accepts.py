# Accepts connections from descriptor 0, one at a time, and answers each with its pid. Says "up" first.
import os
import socket
import sys

server = socket.socket(fileno=0)
print("up", flush=True)
while True:
    connection, _ = server.accept()
    connection.sendall(f"{os.getpid()}".encode())
    connection.close()
