// What servers say first, as bytes: mysql, postgresql, rdp, ssh, vnc.
const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const text = (s) => Buffer.from(s, 'latin1');

export function mysqlPacket(payload) {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  return Buffer.concat([head, payload]);
}

export const mysqlHandshake = ({ version = '8.0.36', tls = true, auth = 'caching_sha2_password' } = {}) => mysqlPacket(Buffer.concat([
  Buffer.from([10]), text(`${version}\0`), Buffer.alloc(4), Buffer.alloc(8, 0x41), Buffer.alloc(1),
  Buffer.from([0xff, tls ? 0xff : 0xf7]), Buffer.from([0x2d]), Buffer.from([2, 0]), Buffer.from([0xff, 0xdf]),
  Buffer.from([21]), Buffer.alloc(10), Buffer.alloc(12, 0x42), Buffer.alloc(1), text(`${auth}\0`)]));

export const mysqlError = (code, message) => mysqlPacket(Buffer.concat([Buffer.from([0xff, code & 255, code >> 8]), text(`#HY000${message}`)]));
// As before a session: without the SQLSTATE.
export const mysqlEarlyError = (code, message) => mysqlPacket(Buffer.concat([Buffer.from([0xff, code & 255, code >> 8]), text(message)]));

const pgMessage = (letter, payload) => Buffer.concat([text(letter), u32(4 + payload.length), payload]);
export const pgAuth = (way, rest = Buffer.alloc(0)) => pgMessage('R', Buffer.concat([u32(way), rest]));
export const pgSasl = (...names) => pgAuth(10, text(`${names.join('\0')}\0\0`));
export const pgError = (code, message) => pgMessage('E', text(`SFATAL\0C${code}\0M${message}\0\0`));

const tpkt = (payload) => Buffer.concat([Buffer.from([3, 0]), u16(4 + payload.length), payload]);
export const rdpConfirm = (negotiation = Buffer.alloc(0)) => tpkt(Buffer.concat([Buffer.from([6 + negotiation.length, 0xd0, 0, 0, 0x12, 0x34, 0]), negotiation]));
export const rdpSelected = (protocol) => rdpConfirm(Buffer.from([2, 0, 8, 0, protocol, 0, 0, 0]));
export const rdpFailure = (code) => rdpConfirm(Buffer.from([3, 0, 8, 0, code, 0, 0, 0]));

export const vncTypes = (...types) => Buffer.from([types.length, ...types]);
export const vncReason = (reason) => Buffer.concat([u32(reason.length), text(reason)]);

export function sshKexinit({ kex = 'curve25519-sha256', hostKey = 'ssh-ed25519,rsa-sha2-512', cipher = 'aes256-ctr', mac = 'hmac-sha2-256' } = {}) {
  const list = (s) => Buffer.concat([u32(s.length), text(s)]);
  const lists = [kex, hostKey, cipher, cipher, mac, mac, 'none', 'none', '', ''].map(list);
  const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 7), ...lists, Buffer.alloc(5)]);
  const padding = 8 - ((payload.length + 5) % 8) + 4;
  return Buffer.concat([u32(1 + payload.length + padding), Buffer.from([padding]), payload, Buffer.alloc(padding)]);
}
