import picocolors from "picocolors";

export type Paint = (text: string) => string;

/** How text output looks: colours only where they are wanted, words instead of signs with `--plain`. */
export interface Style {
  readonly plain: boolean;
  /** Columns of the terminal; 0: no terminal, nothing is cut or folded. */
  readonly width: number;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
}

export function createStyle(options: {
  readonly color: boolean;
  readonly plain: boolean;
  readonly width: number;
}): Style {
  const colors = picocolors.createColors(options.color);
  return {
    plain: options.plain,
    width: options.width,
    bold: colors.bold,
    dim: colors.dim,
    red: colors.red,
    green: colors.green,
    yellow: colors.yellow,
    blue: colors.blue,
  };
}

const SIGN_WORDS = {
  "+": "add",
  "~": "change",
  ">": "reassign",
  "-": "remove",
  "?": "check",
  "!": "by hand",
} as const;

export type Sign = keyof typeof SIGN_WORDS;

/** A step's sign in its colour; its word with `--plain`. Colour never carries meaning alone. */
export function paintSign(style: Style, sign: Sign): string {
  const text = style.plain ? SIGN_WORDS[sign] : sign;
  switch (sign) {
    case "+":
      return style.green(text);
    case "~":
    case "!":
      return style.yellow(text);
    case ">":
      return style.blue(text);
    case "-":
      return style.red(text);
    case "?":
      return style.dim(text);
  }
}
