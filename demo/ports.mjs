// Ports on loopback.
import { once } from "node:events";
import { createServer } from "node:net";

async function bind(port) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: bound } = server.address();
  server.close();
  await once(server, "close");
  return bound;
}

/** The port wished for, or any free one when it is taken. */
export const freePort = (wished) => bind(wished).catch(() => bind(0));
