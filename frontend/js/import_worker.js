// Reads the chosen file with WebAssembly, away from the page, so that the page never waits; and uploads it.
// Messages are arrays: a word and what belongs to it; see app/src/imports/worker.rs.

import init, { look_at, FileCheck } from "./import.js";

const LOOK_BYTES = 256 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const REPORT_EVERY_MS = 200;

let ready;
let file;
// Counts the questions: an answer to an older one than the last is not given.
let turn = 0;

const say = (...message) => postMessage(message);

// The numbering plans are unpacked when a number first needs them: better now than when a file is dropped.
function warm() {
  const reader = new FileCheck('[{"heading":"phone","target":"phone"}]', "");
  reader.feed(new TextEncoder().encode("phone\n+351912345678\n"));
  reader.finish();
  reader.free();
}

async function bytes(start, end) {
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

// The answers of the module are {"ok": …} or {"refused": sentence}.
function result(answer) {
  const parsed = JSON.parse(answer);
  if (parsed.refused !== undefined) throw new Error(parsed.refused);
  return JSON.stringify(parsed.ok);
}

async function look() {
  for (let length = LOOK_BYTES; ; length *= 2) {
    const whole = file.size <= length;
    const answer = result(look_at(await bytes(0, length), whole));
    if (answer !== "null") return say("look", answer);
    if (whole) return say("refused", "The file is empty.");
  }
}

function fields(entries, name) {
  const values = [];
  for (let column = 0; ; column++) {
    const entry = entries.find(([key]) => key === `${name}-${column}`);
    if (!entry) return values;
    values.push(entry[1]);
  }
}

async function check(entries, mine) {
  const targets = fields(entries, "target");
  const headings = fields(entries, "heading");
  const mapping = headings.map((heading, column) => ({ heading, target: targets[column] }));
  const country = entries.find(([key]) => key === "country")?.[1] ?? "";
  const reader = new FileCheck(JSON.stringify(mapping), country);
  try {
    let reported = 0;
    for (let start = 0; start < file.size; start += CHUNK_BYTES) {
      const chunk = await bytes(start, start + CHUNK_BYTES);
      if (mine !== turn) return;
      const refusal = reader.feed(chunk);
      if (refusal) result(refusal);
      if (performance.now() - reported > REPORT_EVERY_MS) {
        reported = performance.now();
        say("check", result(reader.check()), false);
      }
    }
    say("check", result(reader.finish()), true);
  } finally {
    reader.free();
  }
}

function upload(entries) {
  const form = new FormData();
  for (const [name, value] of entries) if (typeof value === "string") form.append(name, value);
  // The file comes last: the server reads it as it arrives, by the fields before it.
  form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", "/contacts/import/upload");
  request.setRequestHeader("accept", "application/json");
  request.upload.onprogress = (event) => say("progress", Math.floor((100 * event.loaded) / event.total));
  request.onerror = () => say("refused", "The connection broke before the file was whole. Nothing was imported; try again.");
  request.onload = () => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // Something between us and the server answered.
    }
    if (request.status < 300 && answer.location) say("done", answer.location);
    else say("refused", answer.message ?? `The server answered ${request.status}. Nothing was imported; try again.`);
  };
  request.send(form);
}

async function answer(word, rest) {
  const mine = ++turn;
  if (word === "upload") return upload(rest);
  await ready;
  if (word === "look") {
    file = rest.find(([name]) => name === "file")?.[1];
    return look();
  }
  return check(rest, mine);
}

onmessage = async ({ data: [word, rest] }) => {
  if (word === "start") {
    ready = init({ module_or_path: new URL(rest, location.origin) }).then(warm);
    ready.catch(() => say("refused", "The reader could not be loaded. Reload the page and try again."));
    return;
  }
  try {
    await answer(word, rest);
  } catch (error) {
    say("refused", String(error?.message ?? error));
  }
};
