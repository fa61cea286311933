#!/usr/bin/env python3
"""A checker for ForcAD, of whichever tag the variable TAG names."""
import os
import sys

import portal

TAG = os.environ.get("TAG", "default")


def leave(code, public="", private=""):
    print(public)
    print(private, file=sys.stderr)
    sys.exit(code)


def check(host):
    portal.look(host)
    leave(101, "OK")


def put(host, flag_id, flag, vuln):
    user, password = "u%s%s" % (vuln, flag_id[:12]), flag_id[12:28]
    draft = portal.put_draft(host, user, password, flag)
    state = "%s:%s:%s" % (user, password, draft)
    if TAG == "pfr":
        leave(101, user, state)
    leave(101, "" if TAG == "nfr" else state)


def get(host, flag_id, flag, vuln):
    if TAG == "nfr":
        portal.get_draft(host, "u%s%s" % (vuln, flag_id[:12]), flag_id[12:28], None, flag)
    else:
        portal.get_draft(host, *flag_id.split(":"), flag)
    leave(101, "OK")


if __name__ == "__main__":
    try:
        {"check": check, "put": put, "get": get}[sys.argv[1]](*sys.argv[2:])
    except portal.Corrupt as problem:
        leave(102, "Corrupt", str(problem))
    except portal.Mumble as problem:
        leave(103, "Mumble", str(problem))
    except portal.Down as problem:
        leave(104, "Down", str(problem))
