// Mail enough for libcurl: SMTP (RFC 5321), POP3 (RFC 1939), IMAP (RFC 9051) over one mailbox in memory.
import { FLOOD, lineServer } from './lines.mjs';

const plain = (text) => Buffer.from(text, 'base64').toString().split('\0');

/** Keeps {from, to, data} of each mail in .mails. */
export async function smtpServer({ user = 'alice', password = 'secret', secure, implicit } = {}) {
  const self = await lineServer({ greeting: '220 mail.example ESMTP', answer, secure, implicit });
  self.mails = [];

  function answer(line, talk, state) {
    if (state.data) {
      if (line !== '.') return void state.data.push(line.replace(/^\./, ''));
      self.mails.push({ from: state.from, to: state.to, data: state.data.join('\n') });
      state.data = null;
      if (self.mode === 'late') return undefined;
      return talk.say(self.mode === 'full' ? '452 no room for it' : '250 kept as 1');
    }
    const word = line.split(/[ :]/)[0].toUpperCase();
    switch (word) {
      case 'EHLO':
        state.helo = line.slice(5);
        self.helo = state.helo;
        talk.say('250-mail.example');
        if (secure && !state.tls) talk.say('250-STARTTLS');
        return talk.say('250 AUTH PLAIN');
      case 'STARTTLS':
        talk.say('220 go on');
        state.tls = true;
        return talk.upgrade(secure);
      case 'AUTH': {
        const [kind, first] = line.split(' ').slice(1);
        const check = (text) => {
          const [, u, p] = plain(text);
          talk.say(self.mode !== 'refuse' && u === user && p === password ? '235 welcome' : '535 not you');
        };
        if (kind !== 'PLAIN') return talk.say('504 only PLAIN');
        if (first) return check(first);
        talk.say('334 ');
        return talk.onNext = check;
      }
      case 'MAIL':
        state.from = line.slice('MAIL FROM:'.length);
        state.to = [];
        return talk.say('250 ok');
      case 'RCPT':
        if (line.includes('nobody')) return talk.say('550 no such user');
        state.to.push(line.slice('RCPT TO:'.length));
        return talk.say('250 ok');
      case 'DATA':
        state.data = [];
        return talk.say('354 go on, a dot ends it');
      case 'QUIT':
        if (self.mode === 'late') return undefined;
        talk.say('221 bye');
        return talk.socket.end();
      default:
        if (talk.onNext) {
          const next = talk.onNext;
          talk.onNext = null;
          return next(line);
        }
        return talk.say('500 what?');
    }
  }
  return self;
}

export async function pop3Server({ user = 'alice', password = 'secret', mails = [], secure, implicit } = {}) {
  const self = await lineServer({ greeting: '+OK POP3 ready', answer, secure, implicit });
  self.mails = mails;

  function answer(line, talk, state) {
    const [word, argument] = line.split(' ');
    const mail = mails[Number(argument) - 1];
    if (!state.in && !['CAPA', 'STLS', 'USER', 'PASS', 'QUIT'].includes(word)) return talk.say('-ERR log in first');
    switch (word) {
      case 'CAPA':
        talk.say('+OK');
        if (secure && !implicit) talk.say('STLS');
        talk.say('USER');
        return talk.say('.');
      case 'STLS':
        talk.say('+OK go on');
        return talk.upgrade(secure);
      case 'USER':
        state.user = argument;
        return talk.say('+OK');
      case 'PASS':
        state.in = self.mode !== 'refuse' && state.user === user && argument === password;
        return talk.say(state.in ? '+OK' : '-ERR not you');
      case 'LIST':
        talk.say('+OK');
        mails.forEach((text, i) => talk.say(`${i + 1} ${text.length}`));
        return talk.say('.');
      case 'RETR':
        if (!mail) return talk.say('-ERR no such mail');
        talk.say('+OK');
        talk.socket.write(self.mode === 'flood' ? FLOOD : `${mail}\r\n`);
        if (self.mode === 'half') return talk.socket.end();
        return self.mode === 'late' ? undefined : talk.say('.');
      case 'DELE':
        if (!mail) return talk.say('-ERR no such mail');
        mails.splice(Number(argument) - 1, 1);
        return talk.say('+OK');
      case 'QUIT':
        if (self.mode === 'late') return undefined;
        talk.say('+OK');
        return talk.socket.end();
      default: return talk.say('-ERR what?');
    }
  }
  return self;
}

export async function imapServer({ user = 'alice', password = 'secret', folders = { INBOX: [] }, secure, implicit } = {}) {
  const self = await lineServer({ greeting: '* OK IMAP ready', answer, secure, implicit });
  self.folders = folders;

  function answer(line, talk, state) {
    const [tag, word, ...rest] = line.split(' ');
    const argument = rest.join(' ');
    const name = argument.replace(/^"|"$/g, '').replace(/" .*|" ?\(.*| \(.*| \{.*/, '');
    const ok = () => talk.say(`${tag} OK done`);
    switch (word?.toUpperCase()) {
      case 'CAPABILITY':
        talk.say(`* CAPABILITY IMAP4rev1${secure && !implicit ? ' STARTTLS' : ''}`);
        return ok();
      case 'STARTTLS':
        ok();
        return talk.upgrade(secure);
      case 'LOGIN':
        state.in = self.mode !== 'refuse' && argument.replaceAll('"', '') === `${user} ${password}`;
        return talk.say(state.in ? `${tag} OK welcome` : `${tag} NO not you`);
      case 'LIST':
        for (const folder of Object.keys(folders)) talk.say(`* LIST () "/" ${folder}`);
        return ok();
      case 'SELECT':
        state.folder = folders[name];
        if (!state.folder) return talk.say(`${tag} NO no such folder`);
        talk.say(`* ${state.folder.length} EXISTS`);
        return ok();
      case 'FETCH': {
        const text = state.folder[Number(rest[0]) - 1];
        if (text === undefined) return ok();
        const data = self.mode === 'flood' ? FLOOD.toString() : text;
        talk.socket.write(`* ${rest[0]} FETCH (BODY[] {${data.length}}\r\n${self.mode === 'half' ? data.slice(0, 3) : data}`);
        if (self.mode === 'half') return talk.socket.end();
        talk.say(')');
        return self.mode === 'late' ? undefined : ok();
      }
      case 'SEARCH': {
        const word_ = /"([^"]*)"|(\S+)$/.exec(argument);
        const found = state.folder.flatMap((text, i) => (text.includes(word_[1] ?? word_[2]) ? [i + 1] : []));
        talk.say(`* SEARCH ${found.join(' ')}`);
        return ok();
      }
      case 'STATUS':
        talk.say(`* STATUS ${name} (MESSAGES ${folders[name]?.length ?? 0})`);
        return ok();
      case 'APPEND': {
        const n = Number(/\{(\d+)\}/.exec(argument)[1]);
        if (!folders[name]) return talk.say(`${tag} NO no such folder`);
        talk.say('+ go on');
        return talk.raw(n, (text) => {
          folders[name].push(text);
          talk.raw(2, () => (self.mode === 'late' ? undefined : ok()));
        });
      }
      case 'LOGOUT':
        if (self.mode === 'late') return undefined;
        talk.say('* BYE');
        ok();
        return talk.socket.end();
      default: return talk.say(`${tag ?? '*'} BAD what?`);
    }
  }
  return self;
}
