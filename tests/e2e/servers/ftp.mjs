// FTP (RFC 959) enough for libcurl: passive transfers, a folder in memory, AUTH TLS where there is a certificate.
import net from 'node:net';
import tls from 'node:tls';
import { FLOOD, lineServer } from './lines.mjs';

export async function ftpServer({ user = 'alice', password = 'secret', secure } = {}) {
  const files = new Map();
  const self = await lineServer({ greeting: '220 ftp.example ready', answer, secure });
  self.files = files;

  // The data connection of the next transfer: whoever connects to a port of its own.
  function passive(state) {
    return new Promise((resolve) => {
      const server = net.createServer();
      state.data = new Promise((ready) => server.once('connection', (socket) => {
        server.close();
        socket.on('error', () => {});
        ready(state.protected ? new tls.TLSSocket(socket, { isServer: true, ...secure }) : socket);
      }));
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    });
  }

  async function send(talk, state, data) {
    talk.say('150 here it comes');
    const socket = await state.data;
    socket.on('error', () => {});
    if (self.mode === 'close-data') {
      socket.end(data.subarray(0, 3));
      return talk.socket.destroy();
    }
    socket.end(self.mode === 'flood' ? FLOOD : data);
    if (self.mode !== 'late') talk.say('226 done');
  }

  async function receive(talk, state, path) {
    talk.say('150 go on');
    const socket = await state.data;
    const chunks = [];
    socket.on('error', () => {});
    for await (const chunk of socket) chunks.push(chunk);
    files.set(path, Buffer.concat(chunks));
    if (self.mode !== 'late') talk.say('226 kept');
  }

  async function answer(line, talk, state) {
    const [word, ...rest] = line.split(' ');
    const path = rest.join(' ');
    if (!state.in && !['USER', 'PASS', 'AUTH', 'PBSZ', 'PROT', 'QUIT'].includes(word)) return talk.say('530 log in first');
    switch (word) {
      case 'AUTH':
        if (!secure) return talk.say('502 no TLS here');
        talk.say('234 go on in TLS');
        return talk.upgrade(secure);
      case 'PBSZ': return talk.say('200 ok');
      case 'PROT':
        state.protected = path === 'P';
        return talk.say('200 ok');
      case 'USER':
        state.user = path;
        return talk.say('331 and the password?');
      case 'PASS':
        state.in = self.mode !== 'refuse' && state.user === user && path === password;
        return talk.say(state.in ? '230 welcome' : '530 not you');
      case 'PWD': return talk.say('257 "/" is here');
      case 'TYPE': return talk.say('200 ok');
      case 'EPSV': return talk.say(`229 Entering Extended Passive Mode (|||${await passive(state)}|)`);
      case 'SIZE': return files.has(path) ? talk.say(`213 ${self.mode === 'flood' ? FLOOD.length : files.get(path).length}`) : talk.say('550 no such file');
      case 'RETR': return files.has(path) ? send(talk, state, files.get(path)) : talk.say('550 no such file');
      case 'LIST': return send(talk, state, Buffer.from([...files.keys()].map((name) => `-rw-r--r-- 1 a a ${files.get(name).length} Jan 1 00:00 ${name}\r\n`).join('')));
      case 'STOR': return receive(talk, state, path);
      case 'DELE': return talk.say(files.delete(path) ? '250 gone' : '550 no such file');
      case 'QUIT':
        if (self.mode === 'late') return undefined;
        talk.say('221 bye');
        return talk.socket.end();
      default: return talk.say('502 what?');
    }
  }
  return self;
}
