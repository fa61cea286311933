#!/usr/bin/env python3
"""A checkerscript that breaks the contract faust as the variable HOW names. Lines by hand, without a library."""
import json
import os
import sys
import time

answers, requests = os.fdopen(3, "r"), os.fdopen(4, "w")
how = os.environ["HOW"]


def say(action, param):
    requests.write(json.dumps({"action": action, "param": param}) + "\n")
    requests.flush()


def ask(action, param):
    say(action, param)
    return json.loads(answers.readline())["response"]


def log(message, level=20):
    say("LOG", {"message": message, "levelno": level, "pathname": "/c/hostile.py", "lineno": 7, "funcName": "f"})


def flags():
    """Which ticks' flags it is told."""
    tick = int(sys.argv[3])
    told = [t for t in range(tick - 8, tick + 3) if ask("FLAG", {"tick": t}) is not None]
    log("argv %s, flags of %s, %s" % (sys.argv[1:], told, ask("FLAG", {"tick": "soon"})))


def nonsense():
    requests.write("hello\n\n[1]\n{\"action\":\"DANCE\",\"param\":1}\n{\"action\":\"FLAG\"}\n\x00\x01\n")
    log("still here", 35)
    ask("RESULT", 9)


def leak():
    flag = ask("FLAG", {"tick": int(sys.argv[3])})
    ask("FLAGID", "in " + flag)
    log("the flag is " + flag)
    print(flag)
    print(flag, file=sys.stderr)


def fill():
    ask("STORE", {"key": "half", "data": "x" * 40000})
    ask("STORE", {"key": "other half", "data": "x" * 40000})


def count():
    n = int(ask("LOAD", "count") or "0")
    ask("STORE", {"key": "count", "data": str(n + 1)})
    log("count was %d" % n)


def many():
    for i in range(1000000):
        log("line %d" % i)


def deaf():
    ask("STORE", {"key": "big", "data": "x" * 60000})
    for _ in range(100):
        say("LOAD", "big")
    time.sleep(60)


def long_line():
    requests.write("x" * 1000000)
    requests.flush()
    time.sleep(60)


behaviours = {
    "asks for flags": flags, "talks nonsense": nonsense, "leaks": leak, "fills its state": fill, "counts": count,
    "logs a million lines": many, "does not read": deaf, "writes a long line": long_line,
    "stores no text": lambda: ask("STORE", {"key": "k", "data": 7}),
    "stores under no key": lambda: ask("STORE", {"key": "", "data": "x"}),
    "has a long flag id": lambda: ask("FLAGID", "x" * 201),
    "hangs": lambda: time.sleep(60), "hangs after its result": lambda: (ask("RESULT", 0), time.sleep(60)),
    "gives two results": lambda: (ask("RESULT", 2), ask("RESULT", 0)), "says nothing": lambda: sys.exit(0),
    "dies": lambda: os.kill(os.getpid(), 11), "ends within a line": lambda: requests.write("{\"action\":\"RES"),
}
behaviours[how]()
if os.environ.get("RESULT"):
    ask("RESULT", int(os.environ["RESULT"]))
sys.exit(77)
