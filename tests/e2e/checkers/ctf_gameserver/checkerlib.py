"""The published interface of ctf-gameserver's checkerlib, written anew for these tests: what a checkerscript calls, and
the same lines on descriptors 3 and 4. A game brings the real one."""
import base64
import enum
import json
import logging
import os
import pickle
import sys


class CheckResult(enum.Enum):
    OK = 0
    DOWN = 1
    FAULTY = 2
    FLAG_NOT_FOUND = 3
    RECOVERING = 4


LOOK_BACK_TICKS = 5

if "CTF_CHECKERSCRIPT" not in os.environ:
    sys.exit("to be started by a game server")
_answers = os.fdopen(3, "r")
_requests = os.fdopen(4, "w")


def _say(action, param):
    _requests.write(json.dumps({"action": action, "param": param}) + "\n")
    _requests.flush()


def _ask(action, param):
    _say(action, param)
    return json.loads(_answers.readline())["response"]


class _ToServer(logging.Handler):
    def emit(self, record):
        _say("LOG", {
            "message": self.format(record), "levelno": record.levelno, "pathname": record.pathname,
            "lineno": record.lineno, "funcName": record.funcName,
        })


logging.getLogger().addHandler(_ToServer())
logging.getLogger().setLevel(logging.INFO)


class BaseChecker:
    def __init__(self, ip, team):
        self.ip = ip
        self.team = team


def get_flag(tick):
    return _ask("FLAG", {"tick": tick})


def set_flagid(data):
    _ask("FLAGID", data)


def store_state(key, data):
    _ask("STORE", {"key": key, "data": base64.b64encode(pickle.dumps(data)).decode("ascii")})


def load_state(key):
    data = _ask("LOAD", key)
    return None if data is None else pickle.loads(base64.b64decode(data))


def _steps(checker, tick):
    for step in (lambda: checker.place_flag(tick), checker.check_service):
        result = step()
        if result != CheckResult.OK:
            return result
    recovering = False
    for older in range(tick, max(tick - LOOK_BACK_TICKS, 0) - 1, -1):
        result = checker.check_flag(older)
        logging.info("flag of tick %d: %s", older, result.name)
        if older != tick and result == CheckResult.FLAG_NOT_FOUND:
            recovering = True
        elif result != CheckResult.OK:
            return result
    return CheckResult.RECOVERING if recovering else CheckResult.OK


def run_check(checker_class):
    ip, team, tick = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        result = _steps(checker_class(ip, team), tick)
    except OSError as problem:
        logging.warning("no connection", exc_info=problem)
        result = CheckResult.DOWN
    _ask("RESULT", result.value)
