#!/usr/bin/env python3
"""A checker that misbehaves as the variable HOW names, whatever the contract, but not in the mode SPARE. Its exit code
is CODE, 101 if unset."""
import os
import signal
import sys
import time

how = os.environ["HOW"]
code = int(os.environ.get("CODE", "101"))
flag = sys.argv[-2] if sys.argv[1] == "put" else sys.argv[-1]

if sys.argv[1] == os.environ.get("SPARE"):
    print("vulns: 1")
    sys.exit(101)
if how == "prints the flag":
    print("look:", *sys.argv)
    print("look:", *sys.argv, file=sys.stderr)
elif how == "prints 1 MB":
    sys.stdout.write("x" * 1000000)
    sys.stderr.write("y" * 1000000)
elif how == "never ends":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)
elif how == "forks a daemon":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        os._exit(0)
    print("left a daemon behind")
elif how == "writes binary":
    sys.stdout.buffer.write(bytes(range(256)))
elif how == "prints no newline":
    sys.stdout.write("no newline at the end")
elif how == "kills itself":
    os.kill(os.getpid(), signal.SIGSEGV)
elif how == "eats memory":
    b"x" * (4 << 30)
elif how == "eats processor":
    while True:
        pass
sys.exit(code)
