import { toAppError } from "../../kernel/errors.ts";
import type { Invocation } from "../invocation.ts";
import type { AppTest } from "../output/catalog.ts";

/** Tests an app that was just written into `file`, by reading only. What is wrong is told, never thrown. */
export async function testNewApp(invocation: Invocation, file: string, name: string): Promise<AppTest> {
  const { host, signal } = invocation;
  const settings = { ...invocation.settings, config: file };
  const check = await host.config.check(settings);
  const missing = [...check.problems, ...check.unresolved];
  if (missing.length > 0) return { ok: null, text: missing };
  try {
    const session = await host.open(settings, signal);
    try {
      if (session.runningAs !== null) {
        return { ok: null, text: [`start tenure up (process ${session.runningAs}) again to use it`] };
      }
      const result = await invocation.call(session, "apps.test", { app: name });
      return { ok: result.ok, text: result.apps.flatMap((app) => app.checks.map((one) => `${one.what}: ${one.text}`)) };
    } finally {
      await session.close();
    }
  } catch (error) {
    return { ok: null, text: toAppError(error).message.split("\n") };
  }
}
