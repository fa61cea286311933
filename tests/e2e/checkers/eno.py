#!/usr/bin/env python3
"""A checker of the contract eno for the challenge portal: two places for noise, two kinds of havoc.

eno.py PORTAL_PORT [LISTEN_PORT]: prints "listening on PORT". What it needs to find a flag again it keeps in memory
under the task's chain. Written against the contract alone; standard library only.
"""
import http.cookiejar
import json
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORTAL_PORT = int(sys.argv[1])
chains = {}


class Verdict(Exception):
    def __init__(self, result, message):
        self.result, self.message = result, message


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Visitor:
    """Someone with cookies at a portal."""

    def __init__(self, task):
        self.base = f"http://{task['address']}:{PORTAL_PORT}"
        self.timeout = task["timeout"] / 1000
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar, NoRedirect)

    def ask(self, path, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(self.base + path, data, self.timeout) as answer:
                return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read().decode("utf-8", "replace")
        except OSError as e:
            raise Verdict("OFFLINE", f"no answer to {path}") from e

    def want(self, status, path, **form):
        got, headers, text = self.ask(path, **form)
        if got != status:
            raise Verdict("MUMBLE", f"{path} answered {got}, not {status}")
        return headers, text


def put(task, text):
    user, password = "u" + secrets.token_hex(6), secrets.token_hex(8)
    visitor = Visitor(task)
    visitor.want(303, "/register", user=user, name=user, password=password)
    visitor.want(303, "/login", user=user, password=password)
    headers, _ = visitor.want(303, "/staff/drafts", title="memo", body=text)
    chains[task["taskChainId"]] = {"user": user, "password": password, "draft": headers["Location"], "text": text}
    return user


def get(task, text=None):
    kept = chains.get(task["taskChainId"])
    if kept is None:
        raise Verdict("MUMBLE", "nothing is known of this chain")
    visitor = Visitor(task)
    visitor.want(303, "/login", user=kept["user"], password=kept["password"])
    if (text or kept["text"]) not in visitor.want(200, kept["draft"])[1]:
        raise Verdict("MUMBLE", "the draft is not as it was")


def putflag(task):
    return put(task, task["flag"])


def getflag(task):
    get(task, task["flag"])


def putnoise(task):
    put(task, secrets.token_hex(16))


def getnoise(task):
    get(task)


def havoc(task):
    path, wanted = [("/?lang=en", "About us"), ("/health", "ok")][task["variantId"]]
    if wanted not in Visitor(task).want(200, path)[1]:
        raise Verdict("MUMBLE", f"{path} does not say {wanted!r}")


METHODS = {f.__name__: f for f in (putflag, getflag, putnoise, getnoise, havoc)}
INFO = {"serviceName": "portal", "flagVariants": 1, "noiseVariants": 2, "havocVariants": 2, "exploitVariants": 0}


class Service(BaseHTTPRequestHandler):
    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/service":
            self.answer(INFO)
        else:
            self.send_error(404)

    def do_POST(self):
        task = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"result": "OK", "message": None, "attackInfo": None, "flag": None}
        try:
            answer["attackInfo"] = METHODS[task["method"]](task)
        except Verdict as v:
            answer.update(result=v.result, message=v.message)
        except Exception as e:  # a mistake in here is nobody else's
            answer.update(result="INTERNAL_ERROR", message=repr(e))
        self.answer(answer)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Service)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()
