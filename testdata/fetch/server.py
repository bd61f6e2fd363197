#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Servers for the tests of what is fetched, on the loopback alone: https with
certificates of all kinds, and sshd(8), over a repository world.git that is
made in FOLDER with all keys; and files of FOLDER/web by https and http (see
Handler.web), with a line in FOLDER/requests for each that was asked for. Prints lines of "name value" and an empty one;
then reads lines "KEY DATE START TEXT" (see commit), and prints the commit of
each; ends, with all that it started, when its standard input does.

usage: server.py FOLDER
"""

import http.server
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

folder = pathlib.Path(sys.argv[1])
environment = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": str(folder),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example",
}


def run(*command, **options):
    return subprocess.run(
        [str(word) for word in command], check=True, cwd=folder,
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, **options).stdout.strip()


# --- keys, certificates, a repository ---

def make_keys():
    for name in ("signer", "host", "changed", "client", "other"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name,
            "-f", name)
    run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", "host_ecdsa")
    shutil.copy(folder / "client.pub", folder / "authorized")


def certificate(name, subject, days, ca):
    request = folder / f"{name}.csr"
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test",
        "-keyout", f"{name}.key", "-out", request)
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={subject}\n")
    by = (("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial") if ca else
          ("-signkey", f"{name}.key"))
    run("openssl", "x509", "-req", "-in", request, "-days", days, *by,
        "-extfile", extensions, "-out", f"{name}.pem")


def make_certificates():
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
        "2", "-subj", "/CN=test ca", "-keyout", "ca.key", "-out", "ca.pem")
    here = "IP:127.0.0.1,DNS:localhost"
    certificate("good", here, 2, True)
    # "-days -1" is refused by newer ones; it ends before it begins
    certificate("expired", here, 0, True)
    certificate("self", here, 2, False)
    certificate("name", "DNS:elsewhere.example", 2, True)


def commit(key, date, start, text):
    """A commit of TEXT in motd, with main then there: signed by KEY (or
    "none"), made at DATE ("now", or seconds from now), on top of START, a
    revision, or "root" for none. With KEY "as-it-is" main is set to START."""
    work = folder / "work"
    git = ("git", "-C", work)
    if start == "root":
        run(*git, "checkout", "-q", "--orphan", f"o{time.time_ns()}")
    else:
        run(*git, "checkout", "-q", "--detach", start)
    if key != "as-it-is":
        when = int(time.time()) + (0 if date == "now" else int(date))
        environment["GIT_COMMITTER_DATE"] = f"{when} +0000"
        (work / "motd").write_text(text + "\n")
        run(*git, "add", "-A")
        sign = "--no-gpg-sign" if key == "none" else f"-S{folder}/{key}.pub"
        run(*git, "commit", "-q", "--allow-empty", sign, "-m", text)
    run(*git, "branch", "-f", "main")
    run(*git, "push", "-q", "-f", folder / "world.git", "main:main")
    return run(*git, "rev-parse", "HEAD")


def make_repository():
    (folder / ".gitconfig").write_text(
        "[gpg]\nformat = ssh\n[safe]\ndirectory = *\n[user]\n"
        f"signingkey = {folder}/signer.pub\n[init]\ndefaultBranch = main\n")
    run("git", "init", "-q", "--bare", "world.git")
    run("git", "init", "-q", "work")
    (folder / "work" / "files").mkdir()
    for i in range(50):
        (folder / "work" / "files" / str(i)).write_text(f"{i}\n" * 100)
    (folder / "work" / "hosts").mkdir()
    (folder / "work" / "converge.json").write_text('{"version": 1}\n')
    (folder / "work" / "hosts" / "web-1.json").write_text(
        '{"version": 1, "host": "web-1", "resources": '
        '{"file:/etc/motd": {"source": "motd"}}}\n')
    first = commit("signer", "now", "root", "one")
    second = commit("signer", "now", "main", "two")
    return first, second


# --- https ---

class Handler(http.server.BaseHTTPRequestHandler):
    """/KIND/world.git/...: what KIND says is done, or git's own server;
    /web/KIND/NAME: see web."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def git(self):
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if self.headers.get("Transfer-Encoding") == "chunked":
            while (n := int(self.rfile.readline(), 16)):
                body += self.rfile.read(n)
                self.rfile.readline()
            self.rfile.readline()
        out = subprocess.run(
            ["git", "http-backend"], input=body, stdout=subprocess.PIPE,
            env={**environment, "GIT_PROJECT_ROOT": str(folder),
                 "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": self.command,
                 "PATH_INFO": "/" + path.split("/", 2)[2],
                 "QUERY_STRING": query,
                 "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                 "CONTENT_LENGTH": str(len(body))}).stdout
        head, _, body = out.partition(b"\r\n\r\n")
        return head.decode().split("\r\n"), body

    # --- files ---

    def head(self, status, length=None, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if length is None:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def redirect(self, to):
        self.head(302, 0, ("Location", to))

    def count(self):
        with lock, open(folder / "requests", "a+", encoding="utf-8") as log:
            log.seek(0)
            before = log.read().splitlines().count(self.path)
            log.write(self.path + "\n")
        return before

    def web(self):
        """What KIND says is done with the file NAME, which may be in it
        after a comma."""
        _, _, kind, name = self.path.partition("?")[0].split("/", 3)
        before = self.count()
        kind, _, word = kind.partition(",")
        body = b"" if name == "none" else (folder / "web" / name).read_bytes()
        good = f"https://127.0.0.1:{ports['good']}"
        if kind == "status":
            self.head(int(word), 4)
            self.wfile.write(b"no\x1b\n")
        elif kind == "odd":
            self.wfile.write(b"HTTP/1.1 404 \x1b[2Jgone\r\nContent-Length: 0\r\n\r\n")
        elif kind == "flaky" and before < int(word):
            self.head(503, 0)
        elif kind == "broken" and before < int(word):
            self.close_connection = True
            self.connection.close()
        elif kind == "redirect":
            self.redirect(f"https://localhost:{ports['tls12']}/web/ok/{name}?key=secret")
        elif kind == "plainly":
            self.redirect(f"http://127.0.0.1:{ports['plain']}/web/ok/{name}")
        elif kind == "file":
            self.redirect("file:///etc/passwd")
        elif kind == "loop":
            self.redirect(good + self.path)
        elif kind == "far" and int(word):
            self.redirect(f"/web/far,{int(word) - 1}/{name}")
        elif kind == "half":
            self.head(200, len(body))
            self.close_connection = True
            self.wfile.write(body[:len(body) // 2])
        elif kind == "stall":
            self.head(200, len(body))
            self.wfile.write(body[:len(body) // 2])
            self.wfile.flush()
            time.sleep(60)
        elif kind == "silent":
            time.sleep(60)
        elif kind == "endless":
            self.head(200)
            while True:
                self.wfile.write(bytes(65536))
        elif kind == "large":
            self.head(200, 1 << 50)
            self.wfile.write(bytes(65536))
        elif kind == "more":
            self.head(200, len(body) - 1)
            self.close_connection = True
            self.wfile.write(body)
        elif kind == "echo":
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent += self.headers.get("Content-Type", "").encode()
            self.head(200, len(sent))
            self.wfile.write(sent)
        else:
            self.head(200, len(body))
            self.wfile.write(body)

    def answer(self):
        if self.path.startswith("/web/"):
            self.web()
            return
        kind = self.path.split("/")[1]
        if kind == "redirect":
            self.send_response(302)
            self.send_header("Location", f"https://localhost:{ports['good']}"
                             "/ok" + self.path[len("/redirect"):])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if kind == "password":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        head, body = self.git()
        is_pack = self.command == "POST"
        if is_pack and kind == "half":
            body = body[:len(body) // 2]
        if is_pack and kind == "wrong":
            at = body.index(b"PACK") + 100
            body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
        if is_pack and kind == "many":
            at = body.index(b"PACK") + 8
            body = body[:at] + b"\xff\xff\xff\xff" + body[at + 4:]
        status = 200
        for line in head:
            if line.startswith("Status:"):
                status = int(line.split()[1])
        self.send_response(status)
        for line in head:
            name, _, value = line.partition(": ")
            if name not in ("Status", "Content-Length"):
                self.send_header(name, value)
        endless = kind in ("endless", "advertise")
        if endless and is_pack == (kind == "endless"):
            self.send_header("Connection", "close")
            self.close_connection = True
            self.end_headers()
            self.flood(body, is_pack)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if is_pack and kind == "slow":
            for i in range(len(body)):
                self.wfile.write(body[i:i + 1])
                time.sleep(1)
        self.wfile.write(body)

    def flood(self, body, is_pack):
        if is_pack:
            # a side band of progress, for ever
            self.wfile.write(body[:8])
            while True:
                self.wfile.write(b"fff0\x02" + b"x" * 0xffeb)
        self.wfile.write(b"001e# service=git-upload-pack\n0000")
        first = b"1" * 40 + b" refs/heads/main\0 \n"
        self.wfile.write(b"%04x" % (len(first) + 4) + first)
        while True:
            line = b"2" * 40 + b" refs/heads/" + b"x" * 60000 + b"\n"
            self.wfile.write(b"%04x" % (len(line) + 4) + line)

    def do_GET(self):
        try:
            self.answer()
        except (OSError, ValueError):
            self.close_connection = True

    do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def get_request(self):
        # the handshake is made by the thread of the connection
        connection, address = self.socket.accept()
        connection.settimeout(60)
        if not self.context:
            return connection, address
        return self.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, address):
        pass


def serve(name, version):
    server = Server(("127.0.0.1", 0), Handler)
    server.context = None
    if not name:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(folder / f"{name}.pem",
                                   folder / f"{name}.key")
    if version:
        server.context.minimum_version = ssl.TLSVersion.TLSv1
        server.context.maximum_version = version
        server.context.set_ciphers("ALL:@SECLEVEL=0")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


# --- ssh ---

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_sshd():
    port = free_port()
    (folder / "sshd_config").write_text(f"""\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
HostKey {folder}/host_ecdsa
AuthorizedKeysFile {folder}/authorized
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
""")
    # it wants /run/sshd, which is to be on this machine's disk no more
    # than anything else of it
    process = subprocess.Popen(
        ["unshare", "-m", "sh", "-c",
         "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && "
         f"exec /usr/sbin/sshd -D -e -f {folder}/sshd_config"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=open(folder / "sshd.log", "w"), start_new_session=True)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return process, port


def write_known_hosts(port):
    place = f"[127.0.0.1]:{port}"
    for name, key in (("known", "host"), ("changed_hosts", "changed"),
                      ("known_ecdsa", "host_ecdsa")):
        (folder / name).write_text(
            f"{place} {(folder / f'{key}.pub').read_text()}")
    (folder / "hashed").write_text((folder / "known").read_text())
    run("ssh-keygen", "-q", "-H", "-f", "hashed")
    (folder / "unknown").write_text(
        f"elsewhere.example {(folder / 'host.pub').read_text()}")


make_keys()
(folder / "signers").write_text(
    f"alice@example {(folder / 'signer.pub').read_text()}")
make_certificates()
first, second = make_repository()
(folder / "web").mkdir()
lock = threading.Lock()
ports = {}
ports["plain"] = serve(None, None)
ports["good"] = serve("good", None)
for name in ("expired", "self", "name"):
    ports[name] = serve(name, None)
ports["tls10"] = serve("good", ssl.TLSVersion.TLSv1)
ports["tls11"] = serve("good", ssl.TLSVersion.TLSv1_1)
ports["tls12"] = serve("good", ssl.TLSVersion.TLSv1_2)
sshd = None
if os.geteuid() == 0:
    sshd, ports["ssh"] = start_sshd()
    write_known_hosts(ports["ssh"])
for name, port in ports.items():
    print(name, port)
print("first", first)
print("second", second)
print(flush=True)
try:
    for line in sys.stdin:
        print(commit(*line.split()), flush=True)
finally:
    if sshd:
        os.killpg(sshd.pid, signal.SIGTERM)
        sshd.wait()
