// A line to the server that can be cut: what a train in a tunnel does to a page that is open.
import { connect, createServer } from "node:net";
import { baseURL } from "./browser.mjs";

/** Passes every connection on to the server, until it is cut. */
export async function openLine() {
  const { hostname, port } = new URL(baseURL);
  const sockets = new Set();
  let isCut = false;
  const line = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect({ host: hostname, port });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => line.listen(0, hostname, resolve));
  return {
    url: `http://${hostname}:${line.address().port}`,
    /** Ends every connection, and lets no new one through. */
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      this.cut();
      line.close();
    },
  };
}
