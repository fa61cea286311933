"""A resident Python that has imported what a checker imports, and forks for each check.

drill-checker starts it (checker/warm.c) with `python3 -c THIS SCRIPT CPU_SECONDS DESCRIPTORS PRIVATE_TMP` inside the sandbox of
any external program, and speaks with it over descriptors 3 (it reads) and 4 (it writes): frames of one byte kind,
eight bytes id, four bytes length, all little endian, and the payload.

  to it:    S start (JSON: args, env, dir, duplex, out_max, err_max)   D bytes for the check's descriptor 3
            K signal number (one byte), for the check's group
  from it:  R ready   N cannot be kept warm: why (then it ends)   L no further starts, please
            O, E, F bytes of the check's stdout, stderr, descriptor 4
            X ended: exit code, signal (two signed 32 bit numbers)     B not started: why

Nothing of a check stays: the script's own code and the modules of its folder are loaded after the fork, only the
standard library and installed packages before it; a module that opens descriptors, starts threads, prints, or
leaves files when it is imported makes the checker start cold.
"""
import ast, atexit, builtins, ctypes, fcntl, gc, importlib, importlib.util, json, os, resource, select
import signal, struct, sys, tempfile, threading, traceback, types

HEAD = struct.Struct("<cQI")
READ_BYTES = 65536
FRAME_MAX_BYTES = 256 * 1024  # as in warm.c
DRAIN_MAX_BYTES = 2 * 1024 * 1024
LOOKS, LOOK_MS = 3, 100
PENDING_MAX_BYTES = 256 * 1024  # exec.h: EXEC_SEND_MAX_BYTES
DEPTH_MAX = 100  # of what a check leaves in its scratch directory
FIRST_OWN_FD = 100
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_CAPBSET_DROP = 1, 4, 36, 24
SYS_CAPSET = {"x86_64": 126, "aarch64": 91}.get(os.uname().machine)
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_NOSUID, MS_NODEV, MS_BIND = 2, 4, 4096
libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """This checker cannot be kept warm; the text says why."""


def own_fd(fd):
    """A number that no check's descriptor will need."""
    new = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_OWN_FD)
    os.close(fd)
    return new


def own_pipe():
    read, write = os.pipe()
    return own_fd(read), own_fd(write)


# ---- before the first fork ----

def module_names(tree):
    """What a module imports when it is imported itself: its own level and the blocks on it."""
    pending = list(tree.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending[:0] = [n for n in ast.iter_child_nodes(node) if isinstance(n, (ast.stmt, ast.excepthandler))]


def is_local(spec, folder):
    origin = spec.origin or ""
    return spec.submodule_search_locations is None and os.path.realpath(origin).startswith(folder + os.sep) or any(
        os.path.realpath(place).startswith(folder) for place in spec.submodule_search_locations or ())


def wanted_modules(script, folder):
    """The installed modules that the script and the modules of its folder import; those of the folder are only read."""
    wanted, seen, pending = [], set(), [script]
    while pending:
        with open(pending.pop(0), "rb") as source:
            tree = ast.parse(source.read())
        for name in module_names(tree):
            top = name.partition(".")[0]
            if name in seen:
                continue
            seen.add(name)
            spec = importlib.util.find_spec(top)
            if spec is None:
                raise Refused(f"there is no module {top}")
            if not is_local(spec, folder):
                wanted.append(name)
            elif spec.origin and spec.origin.endswith(".py"):
                pending.append(spec.origin)
    return wanted


def open_descriptors():
    return {fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")}


def import_all(names, scratch):
    """Imports them with stdout and stderr watched, and refuses what would not be the same after a fork."""
    watch = own_fd(os.memfd_create("said", os.MFD_CLOEXEC))
    kept = [own_fd(os.dup(fd)) for fd in (1, 2)]
    before = open_descriptors()
    os.dup2(watch, 1)
    os.dup2(watch, 2)
    failure = None
    try:
        for name in names:
            importlib.import_module(name)
    except BaseException as error:  # an import may do anything, sys.exit included
        failure = f"importing fails: {type(error).__name__}: {error}"
    sys.stdout.flush()
    sys.stderr.flush()
    for fd, copy in zip((1, 2), kept):
        os.dup2(copy, fd)
        os.close(copy)
    said = os.fstat(watch).st_size
    after = open_descriptors()
    os.close(watch)
    task = f"/proc/self/task/{os.getpid()}/children"
    reasons = [
        (failure, failure),
        (said, "its modules print when they are imported"),
        (after - before, "its modules open descriptors when they are imported"),
        (len(os.listdir("/proc/self/task")) > 1, "its modules start threads when they are imported"),
        (open(task).read().strip(), "its modules start processes when they are imported"),
        (os.listdir(scratch), "its modules leave files when they are imported"),
    ]
    for holds, why in reasons:
        if holds:
            raise Refused(why)


class Script:
    """The checker's own file, compiled again whenever it has changed."""

    def __init__(self, path):
        self.path, self.known = path, None

    def code(self):
        now = os.stat(self.path)
        mark = (now.st_mtime_ns, now.st_size, now.st_ino)
        if mark != self.known:
            with open(self.path, "rb") as source:
                self.compiled = compile(source.read(), self.path, "exec", dont_inherit=True)
            self.known = mark
        return self.compiled


# ---- a check, after the fork ----

def drop_capabilities():
    for number in range(64):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.syscall(SYS_CAPSET, header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def private_tmp(kept):
    """Inside bubblewrap: a /tmp of this check's own, the directories kept still in their places."""
    uid, gid = os.getuid(), os.getgid()
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the maps would be root's to write
    must(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    hidden = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in kept if path.startswith("/tmp/")]
    must(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, b"size=64m,mode=1777"), "mount /tmp")
    for path, fd in hidden:
        os.makedirs(path, 0o700)
        must(libc.mount(f"/proc/self/fd/{fd}".encode(), path.encode(), None, MS_BIND, None), f"mount {path}")
        os.close(fd)
    drop_capabilities()
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def take_descriptors(null, out, err, duplex):
    sources = [null, out, err] + list(duplex)
    for target, source in enumerate(sources):
        os.dup2(source, target)
    os.closerange(len(sources), 1 << 20)


def take_surroundings(start, scratch, zygote):
    for name, value in (pair.split("=", 1) for pair in start["env"]):
        os.environ[name] = value
    os.environ["HOME"] = os.environ["TMPDIR"] = scratch
    tempfile.tempdir = None
    os.chdir(start["dir"] if start["dir"] else scratch)
    sys.argv[:] = [zygote.script.path] + start["args"]
    resource.setrlimit(resource.RLIMIT_CPU, (zygote.cpu_s, zygote.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (zygote.files, zygote.files))


def run_script(code, path):
    """What `python3 SCRIPT` does: the exit code."""
    main = types.ModuleType("__main__")
    main.__file__, main.__builtins__ = path, builtins
    sys.modules["__main__"] = main
    status = 0
    try:
        exec(code, main.__dict__)
    except SystemExit as end:
        if isinstance(end.code, int):
            status = end.code & 0xFF
        elif end.code is not None:
            print(end.code, file=sys.stderr)
            status = 1
    except BaseException:
        kind, value, trace = sys.exc_info()
        traceback.print_exception(kind, value, trace.tb_next)
        status = 1
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:
        status = status or 120
    try:
        sys.stderr.flush()
    except BaseException:
        pass
    return status


def become_check(zygote, start, scratch, pipes):
    """In the child; never returns."""
    status = 127
    try:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.setsid()
        zygote.forget_others()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if zygote.private:
            private_tmp([scratch, zygote.folder])
        take_descriptors(zygote.null, *pipes)
        take_surroundings(start, scratch, zygote)
        status = run_script(zygote.script.code(), zygote.script.path)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


# ---- all checks ----

class Check:
    def __init__(self, id, pid, scratch, out_max, err_max):
        self.id, self.pid, self.scratch = id, pid, scratch
        self.left = {b"O": out_max, b"E": err_max, b"F": float("inf")}
        self.sources = {}  # descriptor -> kind
        self.into, self.pending = None, bytearray()


class Zygote:
    def __init__(self, path, cpu_s, files, private):
        self.cpu_s, self.files, self.private, self.scratch = cpu_s, files, private, os.getcwd()
        self.control_in, self.control_out = own_fd(3), own_fd(4)
        self.null = own_fd(os.open("/dev/null", os.O_RDWR))
        self.received, self.filled = bytearray(FRAME_MAX_BYTES + HEAD.size + READ_BYTES), 0
        self.checks, self.by_pid, self.by_fd = {}, {}, {}
        self.poll = select.poll()
        self.looks = 0  # for what checks have left behind, still to be made
        self.script = Script(path)
        self.folder = os.path.dirname(os.path.realpath(path))

    def send(self, kind, id=0, payload=b""):
        data = memoryview(HEAD.pack(kind, id, len(payload)) + payload)
        while data:
            data = data[os.write(self.control_out, data):]

    def prepare(self):
        sys.path[0] = folder = self.folder
        sys.dont_write_bytecode = True
        try:
            self.script.code()
            import_all(wanted_modules(self.script.path, folder), self.scratch)
            if self.private and not self.tmp_can_be_private():
                raise Refused("a check cannot get a /tmp of its own here")
        except Refused as why:
            return str(why)
        except (SyntaxError, ValueError, ImportError, OSError, RecursionError) as error:
            return f"{type(error).__name__}: {error}"
        return None

    def tmp_can_be_private(self):
        pid = os.fork()
        if pid == 0:
            try:
                private_tmp([self.scratch, self.folder])
                os._exit(0)
            except BaseException:
                os._exit(1)
        return os.waitpid(pid, 0)[1] == 0

    def forget_others(self):
        """In a check: the flags of the others, and of those that wait to be started, are not for it to read."""
        self.received[:self.filled] = bytes(self.filled)
        for check in self.checks.values():
            check.pending[:] = bytes(len(check.pending))
        self.checks.clear()

    # -- starts --

    def start(self, id, payload):
        start = json.loads(payload)
        try:
            self.script.code()
        except (OSError, SyntaxError, ValueError):
            pass  # the check says so itself
        # No name that another check could foresee, and take first.
        scratch = os.path.join(self.scratch, f"{id}-{os.urandom(8).hex()}")
        os.mkdir(scratch, 0o700)
        out, err = own_pipe(), own_pipe()
        duplex = (own_pipe(), own_pipe()) if start["duplex"] else ()
        theirs = (out[1], err[1], (duplex[0][0], duplex[1][1]) if duplex else ())
        pid = os.fork()
        if pid == 0:
            become_check(self, start, scratch, theirs)
        check = Check(id, pid, scratch, start["out_max"], start["err_max"])
        self.checks[id] = self.by_pid[pid] = check
        self.listen(check, out[0], b"O")
        self.listen(check, err[0], b"E")
        os.close(out[1])
        os.close(err[1])
        if duplex:
            self.listen(check, duplex[1][0], b"F")
            os.close(duplex[0][0])
            os.close(duplex[1][1])
            check.into = duplex[0][1]
            os.set_blocking(check.into, False)
            self.by_fd[check.into] = check

    def listen(self, check, fd, kind):
        os.set_blocking(fd, False)
        check.sources[fd] = kind
        self.by_fd[fd] = check
        self.poll.register(fd, select.POLLIN)

    def try_start(self, id, payload):
        try:
            self.start(id, payload)
        except Exception as error:
            self.send(b"B", id, f"{type(error).__name__}: {error}".encode()[:200])
            self.send(b"L")

    # -- bytes --

    def forget(self, fd):
        self.by_fd.pop(fd)
        try:
            self.poll.unregister(fd)
        except KeyError:
            pass
        os.close(fd)

    def take_bytes(self, check, fd):
        """False at the end of the pipe, or when it is empty."""
        try:
            data = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            del check.sources[fd]
            self.forget(fd)
            return False
        kind = check.sources[fd]
        room = check.left[kind]
        check.left[kind] = room - len(data) if room > len(data) else 0
        data = data if room > len(data) else data[:int(room)]
        if data:
            self.send(kind, check.id, data)
        return True

    def give_bytes(self, check):
        while check.into is not None and check.pending:
            try:
                n = os.write(check.into, check.pending)
            except BlockingIOError:
                self.poll.register(check.into, select.POLLOUT)
                return
            except OSError:
                self.close_into(check)
                return
            check.pending[:n] = bytes(n)  # or it would stay in memory, for later checks to find
            del check.pending[:n]
        if check.into is not None:
            try:
                self.poll.unregister(check.into)
            except KeyError:
                pass

    def close_into(self, check):
        if check.into is not None:
            self.forget(check.into)
            check.into = None

    # -- ends --

    def finish(self, check, status):
        kill_group(check.pid)
        for fd in list(check.sources):
            total = 0
            while total < DRAIN_MAX_BYTES and self.take_bytes(check, fd):
                total += READ_BYTES
            if fd in check.sources:
                self.forget(fd)
        self.close_into(check)
        del self.checks[check.id]
        self.looks = LOOKS
        code = os.waitstatus_to_exitcode(status)
        self.send(b"X", check.id, struct.pack("<ii", code if code >= 0 else -1, -code if code < 0 else 0))
        if not remove_tree(check.scratch):
            self.send(b"L")

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            check = self.by_pid.pop(pid, None)
            if check is not None:
                self.finish(check, status)
        self.cut_off()

    def cut_off(self):
        """Ends what a check has left behind: a child of ours whose session belongs to no check under way.

        The kernel's list may miss one while others come and go, so it is looked at again a little later."""
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            for pid in map(int, file.read().split()):
                try:
                    if pid not in self.by_pid and os.getsid(pid) not in self.by_pid:
                        os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    # -- the line --

    def take_frame(self, kind, id, payload):
        check = self.checks.get(id)
        if kind == b"S":
            self.try_start(id, payload)
        elif check is None:
            return
        elif kind == b"D" and check.into is not None:
            check.pending += payload
            self.give_bytes(check)
            if len(check.pending) > PENDING_MAX_BYTES:
                kill_group(check.pid)  # it asks and does not read
        elif kind == b"K":
            signal_check(check.pid, payload[0])

    def take_frames(self):
        """False: nobody is there any more, or it is no frame that warm.c would send."""
        view, at = memoryview(self.received), 0
        n = os.readv(self.control_in, [view[self.filled:self.filled + READ_BYTES]])
        self.filled += n
        while self.filled - at >= HEAD.size:
            kind, id, length = HEAD.unpack_from(self.received, at)
            if self.filled - at < HEAD.size + length:
                break
            payload = bytes(view[at + HEAD.size:at + HEAD.size + length])
            at += HEAD.size + length
            self.take_frame(kind, id, payload)
        left = self.filled - at
        self.received[:left] = self.received[at:self.filled]
        self.received[left:self.filled] = bytes(at)
        self.filled = left
        return n > 0

    def serve(self):
        wake_read, wake_write = own_pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for fd in (self.control_in, wake_read):
            self.poll.register(fd, select.POLLIN)
        gc.collect()
        gc.freeze()
        self.send(b"R")
        while True:
            ready = self.poll.poll(LOOK_MS if self.looks > 0 else None)
            if not ready:
                self.looks -= 1
                self.cut_off()
            for fd, events in ready:
                if fd == wake_read:
                    try:
                        os.read(wake_read, READ_BYTES)
                    except BlockingIOError:
                        pass
                    self.reap()
                elif fd == self.control_in:
                    if not self.take_frames():
                        return
                elif fd in self.by_fd:
                    check = self.by_fd[fd]
                    if fd == check.into:
                        self.give_bytes(check)
                    else:
                        self.take_bytes(check, fd)


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def signal_check(pid, number):
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)  # just forked: it has no group yet
    except OSError:
        pass


def remove_tree(path, depth=0):
    """False if something could not be removed; the launcher removes it when this process has ended."""
    try:
        os.rmdir(path)  # most checks leave nothing
        return True
    except OSError:
        pass
    if depth == DEPTH_MAX:
        return False
    try:
        os.chmod(path, 0o700)
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    remove_tree(entry.path, depth + 1)
                else:
                    os.unlink(entry.path)
        os.rmdir(path)
        return True
    except OSError:
        return False


def main():
    script, cpu_s, files, private = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    zygote = Zygote(script, cpu_s, files, private)
    why = zygote.prepare()
    if why is not None:
        zygote.send(b"N", 0, why.encode(errors="replace")[:300])
        return
    zygote.serve()


main()
