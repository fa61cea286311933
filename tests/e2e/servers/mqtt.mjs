// An MQTT 3.1.1 broker enough for libcurl: CONNECT, PUBLISH at QoS 0, SUBSCRIBE to whole topics.
import { FLOOD, listen } from './lines.mjs';

function packet(type, payload) {
  const length = [];
  let n = payload.length;
  do {
    length.push((n % 128) | (n >= 128 ? 128 : 0));
    n = Math.floor(n / 128);
  } while (n > 0);
  return Buffer.concat([Buffer.from([type, ...length]), payload]);
}

function text(data, at) {
  const n = data.readUInt16BE(at);
  return [data.subarray(at + 2, at + 2 + n).toString(), at + 2 + n];
}

export function publish(topic, message) {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(Buffer.byteLength(topic));
  return packet(0x30, Buffer.concat([head, Buffer.from(topic), Buffer.from(message)]));
}

/** .messages: {topic: [message, ...]}, sent to whoever subscribes, in order. */
export async function mqttServer({ user, password } = {}) {
  const self = { mode: 'ok', messages: {} };
  Object.assign(self, await listen((socket) => {
    if (self.mode === 'reset') return socket.resetAndDestroy();
    if (self.mode === 'garbage') return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    let rest = Buffer.alloc(0);
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (;;) {
        let n = 0, at = 1, shift = 1;
        if (rest.length < 2) return;
        do {
          n += (rest[at] & 127) * shift;
          shift *= 128;
        } while (rest[at++] & 128);
        if (rest.length < at + n) return;
        const [type, payload] = [rest[0] >> 4, rest.subarray(at, at + n)];
        rest = rest.subarray(at + n);
        if (self.mode !== 'silent') onPacket(socket, type, payload);
      }
    });
  }));

  function onPacket(socket, type, payload) {
    if (type === 1) {
      let at = 10;
      let [id, u, p] = ['', undefined, undefined];
      [id, at] = text(payload, at);
      if (payload[7] & 0x80) [u, at] = text(payload, at);
      if (payload[7] & 0x40) [p, at] = text(payload, at);
      self.client = id;
      const good = self.mode !== 'refuse' && u === user && p === password;
      socket.write(packet(0x20, Buffer.from([0, good ? 0 : 5])));
    } else if (type === 3) {
      const [topic, at] = text(payload, 0);
      (self.messages[topic] ??= []).push(payload.subarray(at).toString());
    } else if (type === 8) {
      if (self.mode === 'hang') return;
      if (self.mode === 'close') return void socket.end();
      const [topic] = text(payload, 2);
      socket.write(packet(0x90, Buffer.from([payload[0], payload[1], 0])));
      if (self.mode === 'flood') return void socket.write(publish(topic, FLOOD));
      for (const message of self.messages[topic] ?? []) socket.write(publish(topic, message));
    }
  }
  return self;
}
