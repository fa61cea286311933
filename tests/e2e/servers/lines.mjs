// What the small servers of protocols made of lines share: a listener, lines in, answers out, and the ways to be
// bad that every protocol has. A server's mode may change at any time:
//   ok       as the protocol says
//   refuse   refuses every login
//   silent   accepts and says nothing
//   hang     greets and answers nothing more
//   late     answers all but what ends a transfer (226 of FTP, 250 after a mail)
//   close    closes in the middle
//   reset    resets the connection at once
//   garbage  says something else than the protocol
//   endless  a line that never ends
//   flood    10 MB where an answer is due
import net from 'node:net';
import tls from 'node:tls';

export const FLOOD = Buffer.alloc(10 * 1024 * 1024, 'flood\r\n');

/** Listens with net or, given {key, cert}, TLS: {port, close()}. */
export async function listen(onSocket, secure) {
  const sockets = new Set();
  const keep = (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server = secure ? tls.createServer(secure, onSocket) : net.createServer(onSocket);
  server.on('connection', keep);
  server.on('secureConnection', keep);
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    server,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}

/** One connection of lines; talk.say sends one, talk.raw(n, then) takes the next n bytes, not lines. */
export class Talk {
  rest = Buffer.alloc(0);
  wanted = null;

  constructor(socket, onLine) {
    this.onLine = onLine;
    this.attach(socket);
  }

  attach(socket) {
    this.socket = socket;
    this.onData = (data) => {
      this.rest = Buffer.concat([this.rest, data]);
      this.drain();
    };
    socket.on('data', this.onData);
    socket.on('error', () => {});
  }

  drain() {
    for (;;) {
      if (this.wanted) {
        if (this.rest.length < this.wanted.n) return;
        const { n, then } = this.wanted;
        const data = this.rest.subarray(0, n);
        this.rest = this.rest.subarray(n);
        this.wanted = null;
        then(data.toString());
        continue;
      }
      const at = this.rest.indexOf('\n');
      if (at < 0) return;
      const line = this.rest.subarray(0, at).toString().replace(/\r$/, '');
      this.rest = this.rest.subarray(at + 1);
      this.onLine(line, this);
    }
  }

  say(line) {
    if (!this.socket.destroyed) this.socket.write(`${line}\r\n`);
  }

  raw(n, then) {
    this.wanted = { n, then };
  }

  /** The same talk goes on in TLS. */
  upgrade(secure) {
    this.socket.removeListener('data', this.onData);
    this.rest = Buffer.alloc(0);
    this.attach(new tls.TLSSocket(this.socket, { isServer: true, ...secure }));
  }
}

/** A server of lines: greeting, and answer(line, talk, state) for each line; state is the connection's own object. */
export async function lineServer({ greeting, answer, secure, implicit }) {
  const self = { mode: 'ok', lines: [] };
  const at = await listen((socket) => {
    if (self.mode === 'reset') return socket.resetAndDestroy();
    const state = {};
    const talk = new Talk(socket, (line) => {
      self.lines.push(line);
      if (self.mode === 'hang' || self.mode === 'silent') return;
      if (self.mode === 'close') return socket.end();
      answer(line, talk, state);
    });
    talk.secure = secure;
    if (self.mode === 'garbage') return socket.end('\x00\xff\x01 nothing of the kind\r\n');
    if (self.mode === 'endless') {
      const piece = Buffer.alloc(65536, 'x');
      const more = () => { while (!socket.destroyed && socket.write(piece)); };
      socket.on('drain', more);
      return more();
    }
    if (self.mode !== 'silent') talk.say(greeting);
  }, implicit ? secure : undefined);
  return Object.assign(self, at);
}
