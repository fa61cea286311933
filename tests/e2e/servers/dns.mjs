// A DNS server on loopback, by UDP and TCP on one port, that answers from a table or lies as told.
import dgram from 'node:dgram';
import net from 'node:net';

const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33 };

export function encodeName(name) {
  const labels = name === '.' ? [] : name.split('.');
  return Buffer.concat([...labels.map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l, 'latin1')])), Buffer.from([0])]);
}

const u16 = (...numbers) => Buffer.concat(numbers.map((n) => Buffer.from([n >> 8, n & 255])));
const u32 = (...numbers) => Buffer.concat(numbers.map((n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; }));

// The data of a record by its type, from a list of values.
function encodeData(type, v) {
  switch (type) {
    case 'A': return Buffer.from(v[0].split('.').map(Number));
    case 'AAAA': return Buffer.from(v[0], 'hex');
    case 'TXT': return Buffer.concat(v.map((s) => Buffer.concat([Buffer.from([Buffer.byteLength(s)]), Buffer.from(s)])));
    case 'MX': return Buffer.concat([u16(v[0]), encodeName(v[1])]);
    case 'SRV': return Buffer.concat([u16(v[0], v[1], v[2]), encodeName(v[3])]);
    case 'SOA': return Buffer.concat([encodeName(v[0]), encodeName(v[1]), u32(...v.slice(2))]);
    default: return encodeName(v[0]);
  }
}

export function record(owner, type, ...values) {
  const data = Buffer.isBuffer(values[0]) ? values[0] : encodeData(type, values);
  return Buffer.concat([Buffer.isBuffer(owner) ? owner : encodeName(owner), u16(types[type], 1), u32(60), u16(data.length), data]);
}

// The query's question: its name, its type's name and its bytes.
export function question(query) {
  const labels = [];
  let at = 12;
  while (query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    at += 1 + query[at];
  }
  const number = query.readUInt16BE(at + 1);
  return { name: labels.join('.'), type: Object.keys(types).find((t) => types[t] === number), bytes: query.subarray(12, at + 5) };
}

export function answerTo(query, { rcode = 0, truncated = false, records = [], id = query.readUInt16BE(0), asked = question(query).bytes } = {}) {
  const flags = 0x8180 | (truncated ? 0x200 : 0) | rcode;
  return Buffer.concat([u16(id, flags, 1, records.length, 0, 0), asked, ...records]);
}

// handler(query, {tcp}) gives the bytes of the answer, a list of them, or null for silence.
export async function dnsServer(handler, { tcpToo = true } = {}) {
  const counts = { udp: 0, tcp: 0 };
  const all = (answers) => (answers === null ? [] : [answers].flat());
  const sockets = new Set();
  const tcp = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      counts.tcp++;
      for (const a of all(handler(data.subarray(2), { tcp: true, n: counts.tcp }))) socket.write(Buffer.concat([u16(a.length), a]));
    });
  });
  // A port that is free for both: another program may hold the one by the other protocol.
  let udp;
  for (let bound = false; !bound;) {
    udp = dgram.createSocket('udp4');
    await new Promise((resolve) => udp.bind(0, '127.0.0.1', resolve));
    bound = !tcpToo || await new Promise((resolve) => {
      tcp.once('error', () => resolve(false));
      tcp.listen(udp.address().port, '127.0.0.1', () => resolve(true));
    });
    if (!bound) udp.close();
  }
  const { port } = udp.address();
  udp.on('error', () => {});
  udp.on('message', (query, from) => {
    counts.udp++;
    for (const a of all(handler(query, { tcp: false, n: counts.udp }))) udp.send(a, from.port, from.address);
  });
  const close = async () => {
    udp.close();
    for (const s of sockets) s.destroy();
    if (tcpToo) await new Promise((resolve) => tcp.close(resolve));
  };
  return { port, counts, close };
}
