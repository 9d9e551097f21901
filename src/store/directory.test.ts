import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectory } from "./directory.ts";

test("a directory is made with those above it, for its owner alone, and twice is once", () => {
  const root = mkdtempSync(join(tmpdir(), "tenure-directory-"));
  try {
    const path = join(root, "a", "b", "c");
    makeDirectory(path);
    makeDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(join(root, "a")).mode & 0o777, 0o700);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("where no directory can be made the error comes at once", () => {
  assert.throws(() => makeDirectory("/proc/tenure/data"), /ENOENT|EACCES|EPERM|EROFS|ENOTSUP|EOPNOTSUPP/);
});
