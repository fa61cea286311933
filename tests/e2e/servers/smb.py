#!/usr/bin/python3
# An SMB server on loopback with one share PUBLIC, impacket's, which speaks SMB 1: smb.py FOLDER. It says "PORT"
# when it listens and ends with its stdin.
import os
import sys
import threading

from impacket import smbserver

server = smbserver.SimpleSMBServer(listenAddress="127.0.0.1", listenPort=0)
server.addShare("PUBLIC", sys.argv[1], "")
server.setSMB2Support(False)
server.setLogFile("/dev/null")
inner = getattr(server, "_SimpleSMBServer__server")
print(inner.server_address[1], flush=True)
threading.Thread(target=server.start, daemon=True).start()
sys.stdin.read()
os._exit(0)
