import assert from "node:assert/strict";
import { test } from "node:test";
import { addToConfig, withWorkspace } from "../../src/main/testing/workspace.ts";

test("[FUB-68] no webhook tells of users, so that tenure up reads the app and the roster on schedule, each night too", async () => {
  await withWorkspace(async (workspace) => {
    await addToConfig(workspace.folder, 'schedule: { sync: 12h, roster: "0 2 * * *" }\n');
    const ready = Promise.withResolvers<void>();
    const done = { sync: Promise.withResolvers<void>(), roster: Promise.withResolvers<void>() };
    const printed: string[] = [];
    let interrupt = (): void => undefined;
    const up = workspace.run(["up", "--sandbox-clock", workspace.control], {
      onStart: (given) => (interrupt = given),
      terminal: {
        err(line) {
          printed.push(line);
          if (line.startsWith("Up.")) ready.resolve();
          if (!line.includes('"schedule: done"')) return;
          if (line.includes('"sync"')) done.sync.resolve();
          if (line.includes('"roster hr"')) done.roster.resolve();
        },
      },
    });
    await ready.promise;
    const crm = workspace.sandbox.emulators.get("followupboss");
    assert.deepEqual(crm?.journal(), [], "nothing is read before its time");
    // From two in the afternoon over the night, in which HR's file is imported and the app is read.
    workspace.sandbox.clock.advance(13 * 3_600_000);
    await Promise.all([done.sync.promise, done.roster.promise]);
    const read = crm?.journal().map((entry) => `${entry.method} ${entry.path}`) ?? [];
    assert.ok(read.includes("GET /v1/users"), read.join());
    const people = await workspace.read(["people", "list"]);
    assert.equal(people["total"], workspace.sandbox.company.people.length);
    interrupt();
    assert.equal((await up).code, 0, printed.join(""));
  });
});
