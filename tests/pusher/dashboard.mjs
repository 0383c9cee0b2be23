// Somebody else's dashboard: subscribes to one private channel and prints each event as a line of JSON.
// node dashboard.mjs PORT KEY SECRET CHANNEL EVENT
import { createHmac } from "node:crypto";
import { io } from "socket.io-client";

const [port, key, secret, channel, event] = process.argv.slice(2);
const socket = io(`http://127.0.0.1:${port}/${key}`, { transports: ["websocket"] });
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

socket.on("connect", () => {
  const signature = createHmac("sha256", secret).update(`${socket.id}:${channel}`).digest("hex");
  socket.emit("subscribe", { channel, token: `${key}:${signature}` });
});
socket.on("channel:joined", (joined) => print({ joined }));
socket.on(event, (from, data) => {
  if (from === channel) print(typeof data === "string" ? JSON.parse(data) : data);
});
