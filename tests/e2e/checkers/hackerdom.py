#!/usr/bin/env python3
"""A checker for HackerDom's checksystem: two places, of which the second is chosen twice as often."""
import json
import sys

import portal

OK, CORRUPT, MUMBLE, DOWN, CHECKER_ERROR = 101, 102, 103, 104, 110


def verdict(code, public="", private=""):
    if public:
        print(public)
    if private:
        print(private, file=sys.stderr)
    sys.exit(code)


def info():
    verdict(OK, "vulns: 1:2\npublic_flag_description: Flag ID is the author's name, flag is in a draft of theirs")


def check(host):
    portal.look(host)
    verdict(OK)


def put(host, flag_id, flag, vuln):
    user, password = "v%s-%s" % (vuln, flag_id), "pw-" + flag_id
    draft = portal.put_draft(host, user, password, flag)
    verdict(OK, json.dumps({"public_flag_id": user, "password": password, "draft": draft}))


def get(host, flag_id, flag, vuln):
    state = json.loads(flag_id)
    if not state["public_flag_id"].startswith("v%s-" % vuln):
        verdict(CHECKER_ERROR, "Checker error", "the flag was put to another place")
    portal.get_draft(host, state["public_flag_id"], state["password"], state["draft"], flag)
    verdict(OK)


def main(mode, *args):
    try:
        {"info": info, "check": check, "put": put, "get": get}[mode](*args)
    except portal.Corrupt as problem:
        verdict(CORRUPT, "Something is gone", str(problem))
    except portal.Mumble as problem:
        verdict(MUMBLE, "Unexpected answer", str(problem))
    except portal.Down as problem:
        verdict(DOWN, "No connection", str(problem))


if __name__ == "__main__":
    main(*sys.argv[1:])
