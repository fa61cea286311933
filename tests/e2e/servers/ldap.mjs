// LDAP (RFC 4511) enough for libcurl: simple binds and searches over entries in memory, in BER by hand.
import { FLOOD, listen } from './lines.mjs';

const size = (n) => (n < 128 ? Buffer.from([n]) : Buffer.from([0x84, n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]));
const tlv = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((p) => Buffer.from(p)));
  return Buffer.concat([Buffer.from([tag]), size(body.length), body]);
};
const number = (n) => tlv(2, [n]);
const message = (id, op) => tlv(0x30, number(id), op);
const result = (tag, code, text = '') => tlv(tag, tlv(10, [code]), tlv(4, ''), tlv(4, text));

// One element at `at`: {tag, body, end}, or null while it is not whole.
function element(data, at = 0) {
  if (data.length < at + 2) return null;
  let n = data[at + 1];
  let from = at + 2;
  if (n & 128) {
    const k = n & 127;
    if (data.length < from + k) return null;
    n = data.readUIntBE(from, k);
    from += k;
  }
  return data.length < from + n ? null : { tag: data[at], body: data.subarray(from, from + n), end: from + n };
}

function elements(data) {
  const out = [];
  for (let at = 0; at < data.length;) {
    const e = element(data, at);
    out.push(e);
    at = e.end;
  }
  return out;
}

// RFC 4515's text of a filter, of equality, presence, and, or, not.
function filterText({ tag, body }) {
  if (tag === 0x87) return `(${body}=*)`;
  if (tag === 0xa3) {
    const [name, value] = elements(body).map((e) => e.body.toString());
    return `(${name}=${value})`;
  }
  return `(${{ 0xa0: '&', 0xa1: '|', 0xa2: '!' }[tag]}${elements(body).map(filterText).join('')})`;
}

/** entries: {DN: {attribute: [value, ...]}}; .searches keeps {base, scope, filter, attributes}. */
export async function ldapServer({ binds = {}, entries = {} } = {}) {
  const self = { mode: 'ok', searches: [], entries };
  Object.assign(self, await listen((socket) => {
    if (self.mode === 'reset') return socket.resetAndDestroy();
    if (self.mode === 'garbage') return socket.end('\x00\xffnot LDAP at all, not even BER\r\n');
    let rest = Buffer.alloc(0);
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let e; (e = element(rest)) !== null;) {
        rest = rest.subarray(e.end);
        if (self.mode === 'silent') continue;
        if (self.mode === 'close') return socket.end();
        if (self.mode === 'announce') return socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])); // 2 GB follow, it says
        const [id, op] = elements(e.body);
        onOperation(socket, id.body[0], op);
      }
    });
  }));

  function onOperation(socket, id, { tag, body }) {
    if (tag !== 0x60 && tag !== 0x63) return void socket.end(); // unbind, abandon
    const parts = elements(body);
    if (tag === 0x60) {
      const [dn, password] = [parts[1].body.toString(), parts[2].body.toString()];
      const good = self.mode !== 'refuse' && (dn === '' || binds[dn] === password);
      socket.write(message(id, result(0x61, good ? 0 : 49, good ? '' : 'not you')));
    } else {
      const base = parts[0].body.toString();
      const search = { base, scope: parts[1].body[0], filter: filterText(parts[6]), attributes: elements(parts[7].body).map((a) => a.body.toString()) };
      self.searches.push(search);
      if (self.mode === 'hang') return;
      if (self.mode === 'flood') return void socket.write(Buffer.concat([message(id, tlv(0x64, tlv(4, base), tlv(0x30, tlv(0x30, tlv(4, 'x'), tlv(0x31, tlv(4, FLOOD))))))]));
      const found = Object.entries(entries).filter(([dn]) => dn === base || (search.scope > 0 && dn.endsWith(`,${base}`)));
      for (const [dn, attributes] of found)
        socket.write(message(id, tlv(0x64, tlv(4, dn), tlv(0x30, ...Object.entries(attributes).map(([name, values]) => tlv(0x30, tlv(4, name), tlv(0x31, ...values.map((v) => tlv(4, v)))))))));
      socket.write(message(id, result(0x65, found.length > 0 ? 0 : 32)));
    }
  }
  return self;
}
