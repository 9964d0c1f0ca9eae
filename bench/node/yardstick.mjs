// The yardstick: a bare Socket.IO server that speaks the same events and stores nothing at all.
import { createServer } from "node:http";
import { Server } from "socket.io";

const PHASES = { open: "open", close: "closed", reveal: "revealed" };
const web = createServer();
const sockets = new Server(web, { transports: ["websocket"], serveClient: false });

sockets.on("connection", (socket) => {
  const room = `lesson:${socket.handshake.query.lesson}`;
  socket.on("pupil_sync", (_, acknowledge) => {
    socket.join(room);
    acknowledge({ ok: true });
  });
  socket.on("lesson_watch", (_, acknowledge) => acknowledge({ ok: true }));
  socket.on("activity_move", ({ activity, move }, acknowledge) => {
    sockets.to(room).emit("stage", {
      seq: activity,
      state: "running",
      activity: {
        id: activity,
        kind: "choice",
        phase: PHASES[move],
        round: 1,
        closes_at: null,
        question: "Cây xanh nhả ra khí nào khi quang hợp?",
        options: ["Khí ô-xi", "Khí các-bô-níc", "Khí ni-tơ", "Hơi nước"],
        several: false,
      },
    });
    acknowledge({ ok: true });
  });
  socket.on("answer", (answer, acknowledge) => acknowledge({ ok: true, mine: answer }));
});

web.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
