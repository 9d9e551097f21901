import type { Route, Shape } from "./contract.ts";
import type { OptionSet } from "./options.ts";

type AnyRoute = Route<Shape, OptionSet>;

export type Routing =
  | { readonly kind: "found"; readonly route: AnyRoute; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "wrong-method" }
  | { readonly kind: "unknown-path" };

/** Finds the route of a request. Parameters are whole, non-empty segments; `.` and `..` are never one. */
export function createRouter(routes: readonly AnyRoute[]): (method: string, path: string) => Routing {
  const compiled = routes.map((route) => ({ route, segments: route.path.split("/") }));
  return (method, path) => {
    const segments = path.split("/");
    let pathIsKnown = false;
    for (const { route, segments: pattern } of compiled) {
      const params = matchSegments(pattern, segments);
      if (params === null) continue;
      if (route.method === method) return { kind: "found", route, params };
      pathIsKnown = true;
    }
    return { kind: pathIsKnown ? "wrong-method" : "unknown-path" };
  };
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (wanted.startsWith("{") && wanted.endsWith("}")) {
      const value = decodeSegment(segment);
      if (value === null) return null;
      params[wanted.slice(1, -1)] = value;
    } else if (wanted !== segment) return null;
  }
  return params;
}

function decodeSegment(segment: string): string | null {
  if (segment === "" || segment === "." || segment === "..") return null;
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
