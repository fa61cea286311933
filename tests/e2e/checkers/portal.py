"""What the checkers of this folder share: a visitor of the department portal (challenges/portal), and what can be
wrong with it. PORTAL_PORT is where it listens; a game's own checkers know their service's port."""
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException

TIMEOUT_S = float(os.environ.get("PORTAL_TIMEOUT_S", "30"))


class Down(Exception):
    """It does not answer."""


class Mumble(Exception):
    """It answers wrongly."""


class Corrupt(Exception):
    """A flag or content is gone or changed."""


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Visitor:
    def __init__(self, host):
        self.base = "http://%s:%d" % (host, int(os.environ.get("PORTAL_PORT", "8080")))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), StayHere())

    def ask(self, path, form=None):
        """-> status, headers, text"""
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(self.base + path, data, TIMEOUT_S) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()
        except HTTPException as problem:
            raise Mumble("not HTTP: %r" % problem)
        except OSError as problem:
            raise Down("no answer: %r" % problem)

    def want(self, status, path, form=None):
        got, headers, text = self.ask(path, form)
        if got != status:
            raise Mumble("%s: status %d, expected %d" % (path, got, status))
        return headers, text

    def sign_in(self, user, password):
        got = self.ask("/login", {"user": user, "password": password})[0]
        if got == 403:
            raise Corrupt("the account is gone")
        if got != 303:
            raise Mumble("/login: status %d" % got)


def look(host):
    text = Visitor(host).want(200, "/?lang=zh")[1]
    if "<h1>学院简介</h1>" not in text or "<script" in text:
        raise Corrupt("the front page was changed")


def put_draft(host, user, password, flag):
    """A member of staff files the flag as a draft -> its number."""
    visitor = Visitor(host)
    if visitor.ask("/register", {"user": user, "name": user, "password": password})[0] not in (303, 409):
        raise Mumble("nobody can register")
    visitor.sign_in(user, password)
    headers = visitor.want(303, "/staff/drafts", {"title": "memo", "body": flag})[0]
    return headers["Location"].rsplit("/", 1)[1]


def get_draft(host, user, password, draft, flag):
    visitor = Visitor(host)
    visitor.sign_in(user, password)
    if not draft:
        links = re.findall(r"/staff/drafts/([0-9]+)\"", visitor.want(200, "/staff")[1])
        draft = links[0] if links else "0"
    status, _, text = visitor.ask("/staff/drafts/" + draft)
    if status not in (200, 404):
        raise Mumble("/staff/drafts: status %d" % status)
    if flag not in text:
        raise Corrupt("the flag is gone")
