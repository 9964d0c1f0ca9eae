// The load: a class is a teacher and pupils on sockets of their own. A round begins when every teacher opens a question
// and ends with the last acknowledgement of an answer. Raw frames on plain sockets, so that this side is never the slow one.
//
// node load.mjs config.json, where config is
// {port, pid, rounds, pause, classes: [{lesson, teacher: {query, cookie}, pupils: [{query, cookie}], activities: [id, …]}]}
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import net from "node:net";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const OPENED = '42["stage"';

function frame(text) {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, body]); // masked with zeros: allowed, and nothing to compute
}

function handshake({ query, cookie }) {
  const lines = [
    `GET /socket.io/?EIO=4&transport=websocket&${query} HTTP/1.1`,
    `Host: 127.0.0.1:${config.port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
    ...(cookie ? [`Cookie: ${cookie}`] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Opens a socket, connects, says `hello`, and resolves when that is acknowledged. */
function open(who, hello, onText) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(config.port, "127.0.0.1");
    const write = (bytes) => socket.write(bytes);
    const peer = { write, send: (text) => write(frame(text)), drop: () => socket.destroy(), asked: 0 };
    let upgraded = false;
    let waiting = null;
    socket.setNoDelay(true);
    socket.on("connect", () => socket.write(handshake(who)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk) => {
      waiting = waiting ? Buffer.concat([waiting, chunk]) : chunk;
      if (!upgraded) {
        const end = waiting.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!waiting.latin1Slice(0, 12).endsWith("101")) return reject(new Error(waiting.latin1Slice(0, 200)));
        waiting = waiting.subarray(end + 4);
        upgraded = true;
      }
      waiting = eachText(waiting, (text) => {
        if (text[0] === "0") peer.send("40");
        else if (text[0] === "2") peer.send("3");
        else if (text.startsWith("40")) peer.send(`420${JSON.stringify(hello)}`);
        else if (text.startsWith("430")) resolve(peer);
        else onText(peer, text);
      });
    });
  });
}

function eachText(bytes, call) {
  while (bytes.length >= 2) {
    let size = bytes[1] & 127;
    let start = 2;
    if (size === 126) {
      if (bytes.length < 4) return bytes;
      size = bytes.readUInt16BE(2);
      start = 4;
    } else if (size === 127) {
      if (bytes.length < 10) return bytes;
      size = Number(bytes.readBigUInt64BE(2));
      start = 10;
    }
    if (bytes.length < start + size) return bytes;
    const text = bytes.latin1Slice(start, start + size);
    bytes = bytes.subarray(start + size);
    call(text);
  }
  return bytes.length ? bytes : null;
}

let acknowledged = 0;
let finish = () => {};
const total = config.classes.reduce((sum, { pupils }) => sum + pupils.length, 0);

/** Makes a pupil's next answer ready: forty-five phones do that at the same time, this one program one after the other. */
function prepare(peer, activity) {
  peer.asked += 1;
  const answer = { activity, round: 1, uuid: randomUUID(), answer: ["B"], made: peer.asked };
  peer.ready = { activity, frame: frame(`42${peer.asked}["answer",${JSON.stringify(answer)}]`) };
}

/** A pupil answers each question that opens, once. */
function asPupil(peer, text) {
  if (text.startsWith(OPENED)) {
    const activity = Number.parseInt(text.slice(text.indexOf('"id":') + 5), 10);
    if (!text.includes('"phase":"open"') || activity === peer.answered) return;
    if (activity !== peer.ready.activity) throw new Error(`activity ${activity} was opened`);
    peer.answered = activity;
    peer.write(peer.ready.frame);
  } else if (text.startsWith("43")) {
    if (!text.includes('"ok":true')) throw new Error(text);
    acknowledged += 1;
    if (acknowledged === total) finish(performance.now());
  }
}

let moved = 0;
let told = () => {};

function asTeacher(peer, text) {
  if (!text.startsWith("43")) return;
  if (!text.includes('"ok":true')) throw new Error(text);
  moved += 1;
  if (moved === config.classes.length) told();
}

/** Milliseconds of processor time that the server has used so far; 0 where /proc does not tell. */
function processor() {
  try {
    const fields = readFileSync(`/proc/${config.pid}/stat`, "latin1").split(") ").pop().split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10; // a hundred ticks a second
  } catch {
    return 0;
  }
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const teachers = [];
const devices = [];
const began = performance.now();
for (const { lesson, teacher, pupils } of config.classes) {
  teachers.push(await open(teacher, ["lesson_watch", { lesson }], asTeacher));
  devices.push(...(await Promise.all(pupils.map((pupil) => open(pupil, ["pupil_sync", {}], asPupil)))));
}
const connecting = performance.now() - began;
const activityOf = config.classes.flatMap(({ activities, pupils }) => pupils.map(() => () => activities[round]));

let round = 0;
let sent = 0;
/** Makes every teacher's move of this round's question ready; returns what sends them and resolves when all are acknowledged. */
function moveOfAll(move) {
  sent += 1;
  const frames = config.classes.map(({ lesson, activities }) =>
    frame(`42${sent}["activity_move",${JSON.stringify({ lesson, activity: activities[round], move })}]`),
  );
  return () => {
    moved = 0;
    const acknowledgedAll = new Promise((resolve) => (told = resolve));
    frames.forEach((bytes, place) => teachers[place].write(bytes));
    return acknowledgedAll;
  };
}

/**
 * One round in all classes: every teacher opens the next question, every pupil answers; resolves with its milliseconds.
 * Afterwards, not timed, the question is closed and its solution shown, as in a lesson.
 */
async function playRound() {
  acknowledged = 0;
  devices.forEach((peer, place) => prepare(peer, activityOf[place]()));
  const open = moveOfAll("open");
  const ended = new Promise((resolve) => (finish = resolve));
  const start = performance.now();
  const opened = open();
  const took = (await ended) - start;
  await opened;
  await moveOfAll("close")();
  await moveOfAll("reveal")();
  round += 1;
  return took;
}

const times = [];
const usedBeforeRounds = processor();
for (let count = 0; count < config.rounds; count += 1) {
  await wait(config.pause);
  times.push(await playRound());
}
const processorOfRounds = processor() - usedBeforeRounds;

// A teacher of one class opens pages, one after the other, while all classes answer.
const visits = [];
const { cookie } = config.classes[0].teacher;
for (let count = 0; cookie && count < config.visited; count += 1) {
  await wait(config.pause);
  let answering = true;
  const played = playRound().then(() => (answering = false));
  while (answering) {
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${config.port}/account`, { headers: { cookie } });
    await answer.text();
    if (answer.status !== 200) throw new Error(`a page answered ${answer.status}`);
    visits.push(performance.now() - began);
  }
  await played;
}

// The Wi-Fi comes back: at most RETURNING devices that were cut off knock in one moment, and are in step again.
const RETURNING = 500;
for (const device of devices) device.drop();
await wait(2 * config.pause);
const knocked = performance.now();
const back = config.classes.flatMap(({ pupils }) => pupils).slice(0, RETURNING);
await Promise.all(back.map((pupil) => open(pupil, ["pupil_sync", {}], () => {})));
const reconnecting = performance.now() - knocked;

console.log(JSON.stringify({ pupils: total, connecting, reconnecting, returning: back.length, processor_of_rounds: processorOfRounds, visits, times }));
process.exit(0);
