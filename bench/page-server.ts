import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A page of 100 accounts, about 25 KB, in a process of its own: its CPU is not the client's. */
const PAGE = JSON.stringify({
  _metadata: { total: 1_000, limit: 100, offset: 200 },
  users: Array.from({ length: 100 }, (_, index) => ({
    id: 4_711 + index,
    name: `Persephone Underhill-${index}`,
    email: `persephone.underhill-${index}@harborpine.example`,
    role: "Agent",
    phone: `+1 (503) 555-01${String(index).padStart(2, "0")}`,
    teamId: index % 7,
    isAdmin: false,
    timezone: "America/Los_Angeles",
    created: "2024-02-11T08:30:00Z",
    updated: "2026-01-05T17:45:12Z",
  })),
});

const server = createServer((_request, response) => {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(PAGE),
    "x-ratelimit-limit": "1000000",
    "x-ratelimit-remaining": "999999",
    "x-ratelimit-reset": "60",
  });
  response.end(PAGE);
});

server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once("disconnect", () => process.exit());
