/** Column types by the names that a database has for them. */
export interface ColumnTypes {
  /** Compared byte by byte in both databases, so that order and equality never depend on a locale. */
  readonly text: string;
  /** 64 bits. */
  readonly integer: string;
  /** Primary key that counts up by itself. */
  readonly identity: string;
  /** Ends a table's definition where the database can check types on each write. */
  readonly strict: string;
}

/** One step of the schema, forward only. Written once for both databases. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: (types: ColumnTypes) => readonly string[];
}
