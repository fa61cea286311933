#!/usr/bin/env python3
"""A checkerscript for FAUST CTF's ctf-gameserver: the flag of each tick in a draft of an account of its own."""
import logging
import secrets

import portal
from ctf_gameserver import checkerlib
from ctf_gameserver.checkerlib import CheckResult


def results(step):
    """What is wrong with the portal, in the library's words."""
    def wrapped(*args):
        try:
            return step(*args)
        except portal.Down as problem:
            logging.warning("%s", problem)
            return CheckResult.DOWN
        except portal.Mumble as problem:
            logging.warning("%s", problem)
            return CheckResult.FAULTY
        except portal.Corrupt as problem:
            logging.warning("%s", problem)
            return CheckResult.FLAG_NOT_FOUND
    return wrapped


class PortalChecker(checkerlib.BaseChecker):
    @results
    def place_flag(self, tick):
        user, password = "f%d-%s" % (self.team, secrets.token_hex(6)), secrets.token_hex(8)
        draft = portal.put_draft(self.ip, user, password, checkerlib.get_flag(tick))
        checkerlib.store_state("draft %d" % tick, (user, password, draft))
        checkerlib.set_flagid(user)
        return CheckResult.OK

    @results
    def check_service(self):
        portal.look(self.ip)
        return CheckResult.OK

    @results
    def check_flag(self, tick):
        state = checkerlib.load_state("draft %d" % tick)
        if state is None:
            return CheckResult.FLAG_NOT_FOUND
        portal.get_draft(self.ip, *state, checkerlib.get_flag(tick))
        return CheckResult.OK


if __name__ == "__main__":
    checkerlib.run_check(PortalChecker)
