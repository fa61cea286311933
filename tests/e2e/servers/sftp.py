#!/usr/bin/python3
# An SFTP server on loopback over one folder, asyncssh's: sftp.py FOLDER HOST_KEY AUTHORIZED_KEYS. It takes alice
# with the password "secret" or an authorized key, says "PORT" when it listens and ends with its stdin.
import asyncio
import sys
import warnings

warnings.filterwarnings("ignore")
import asyncssh  # noqa: E402

folder, host_key, authorized = sys.argv[1:4]


class Server(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == "alice" and password == "secret"


async def main():
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[host_key], authorized_client_keys=authorized,
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=folder))
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
