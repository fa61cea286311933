// A WebSocket client (RFC 6455) of the live board, as small as the tests need: Node 18 has none built in. It lets a
// test send frames that a decent client would not.
import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
export const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

/** One client frame, masked as the RFC asks. */
export function frame(opcode, payload = "", { fin = true, mask = true, rsv = 0, length } = {}) {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const head = size < 126 ? Buffer.alloc(2) : size < 65536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (size < 126 ? size : size < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  if (!mask) return Buffer.concat([head, data]);
  const key = randomBytes(4);
  return Buffer.concat([head, key, data.map((byte, i) => byte ^ key[i % 4])]);
}

class Live {
  frames = []; // {type: "snapshot", board} or {type: "deltas", deltas}
  closeCode = undefined; // the server's
  isClosed = false;
  #buffer = Buffer.alloc(0);
  #parts = [];
  #waiting = new Set();

  constructor(socket, head) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => {
      this.isClosed = true;
      this.#wake();
      resolve(this.closeCode);
    }));
    socket.on("error", () => {}); // a killed server resets the connection: the close tells
    socket.on("data", (data) => this.#take(data));
    if (head.length > 0) this.#take(head);
  }

  get deltas() {
    return this.frames.flatMap((f) => f.deltas ?? []);
  }

  get snapshot() {
    return this.frames.find((f) => f.type === "snapshot")?.board;
  }

  #wake() {
    for (const look of this.#waiting) look();
  }

  #take(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    while (this.#one());
    this.#wake();
  }

  #one() {
    const b = this.#buffer;
    if (b.length < 2) return false;
    let size = b[1] & 0x7f, at = 2;
    if (size === 126) {
      if (b.length < 4) return false;
      size = b.readUInt16BE(2);
      at = 4;
    } else if (size === 127) {
      if (b.length < 10) return false;
      size = Number(b.readBigUInt64BE(2));
      at = 10;
    }
    if (b.length < at + size) return false;
    this.#frame(b[0], b.subarray(at, at + size));
    this.#buffer = b.subarray(at + size);
    return true;
  }

  #frame(first, payload) {
    const opcode = first & 0x0f;
    if (opcode === CLOSE) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.socket.end(frame(CLOSE, payload.subarray(0, 2)));
    } else if (opcode === PING) {
      this.socket.write(frame(PONG, payload));
    } else if (opcode === PONG) {
      this.pong = payload.toString();
    } else {
      this.#parts.push(payload);
      if (!(first & 0x80)) return;
      this.frames.push(JSON.parse(Buffer.concat(this.#parts).toString()));
      this.#parts = [];
    }
  }

  /** Waits for holds(this) and returns what it gave. */
  until(holds, what = String(holds), timeoutMs = 60000) {
    return new Promise((resolve, reject) => {
      const done = (end, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        end(value);
      };
      const look = () => {
        const value = holds(this);
        if (value) done(resolve, value);
        else if (this.isClosed) done(reject, new Error(`closed (${this.closeCode}) before ${what}`));
      };
      const timer = setTimeout(() => done(reject, new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  delta = (holds, what) => this.until(() => this.deltas.find(holds), what ?? `a delta ${holds}`);

  send(data) {
    this.socket.write(data);
  }

  close() {
    if (!this.isClosed) this.socket.destroy();
    return this.closed;
  }
}

export class Refused extends Error {
  constructor(answer, text) {
    super(`the handshake is refused: ${answer.statusCode} ${text}`);
    this.status = answer.statusCode;
    this.headers = answer.headers;
    this.text = text;
  }
}

/** Opens the live board at path; rejects with Refused when the server answers something else than 101. */
export function openLive(url, path, { token, headers = {} } = {}) {
  const target = new URL(url);
  const key = randomBytes(16).toString("base64");
  const all = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": key, ...headers };
  if (token) all.authorization = `Bearer ${token}`;
  const { request } = target.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const out = request({ host: target.hostname, port: target.port, path, headers: all, agent: false, rejectUnauthorized: false, timeout: 60000 });
    out.on("upgrade", (answer, socket, head) => {
      const accept = createHash("sha1").update(key + GUID).digest("base64");
      if (answer.headers["sec-websocket-accept"] === accept) return resolve(new Live(socket, head));
      socket.destroy();
      reject(new Error("Sec-WebSocket-Accept is not the key's"));
    });
    out.on("response", async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      reject(new Refused(answer, text));
    });
    out.on("timeout", () => out.destroy(new Error(`${path}: no answer`)));
    out.on("error", reject);
    out.end();
  });
}
