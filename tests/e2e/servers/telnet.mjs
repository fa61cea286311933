// TELNET (RFC 854): negotiates the terminal's type, then a login prompt and a shell that knows two words.
import { listen } from './lines.mjs';

const [IAC, DO, SB, SE, WILL, TTYPE] = [255, 253, 250, 240, 251, 24];

export async function telnetServer({ user = 'alice', password = 'secret' } = {}) {
  const self = { mode: 'ok', terminal: undefined };
  Object.assign(self, await listen((socket) => {
    if (self.mode === 'reset') return socket.resetAndDestroy();
    if (self.mode === 'close') return socket.end();
    if (self.mode === 'endless') {
      const piece = Buffer.alloc(65536, 'x');
      const more = () => { while (!socket.destroyed && socket.write(piece)); };
      socket.on('drain', more);
      return more();
    }
    if (self.mode === 'silent') return undefined;
    let [rest, stage, name] = [Buffer.alloc(0), 0, ''];
    socket.write(Buffer.concat([Buffer.from([IAC, DO, TTYPE]), Buffer.from('login: ')]));
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      take();
    });
    function take() {
      while (rest.length > 0) {
        if (rest[0] === IAC && rest[1] === SB) {
          const end = rest.indexOf(Buffer.from([IAC, SE]));
          if (end < 0) return;
          self.terminal = rest.subarray(4, end).toString();
          rest = rest.subarray(end + 2);
        } else if (rest[0] === IAC) {
          if (rest.length < 3) return;
          if (rest[1] === WILL && rest[2] === TTYPE) socket.write(Buffer.from([IAC, SB, TTYPE, 1, IAC, SE]));
          rest = rest.subarray(3);
        } else {
          const at = rest.indexOf('\n');
          if (at < 0) return;
          const line = rest.subarray(0, at).toString().trim();
          rest = rest.subarray(at + 1);
          onLine(line);
        }
      }
    }
    function onLine(line) {
      if (stage === 0) {
        name = line;
        stage = 1;
        socket.write('password: ');
      } else if (stage === 1) {
        if (self.mode === 'refuse' || name !== user || line !== password) return socket.end('wrong\r\n');
        stage = 2;
        socket.write('$ ');
      } else {
        socket.write(line === 'uptime' ? 'up 7 days\r\n$ ' : 'what?\r\n$ ');
      }
    }
  }));
  return self;
}
